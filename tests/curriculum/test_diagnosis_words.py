from __future__ import annotations

from dataclasses import replace

from nnkit.curriculum.diagnosis_words import in_one_line, place, title, told
from nnkit.curriculum.results import Diagnosis

DIAGNOSIS = Diagnosis(
    cause="weight-gradient-missing",
    where={"layer": 1, "parameter": "W1", "operation": "weight-gradient"},
    summary="W1 gets no gradient",
    proof="Zeros everywhere;\nby hand up to 0.3.",
    fix="Compute dW1.",
    source="S2.3",
)


def test_a_place_says_what_is_known_and_no_more() -> None:
    assert place(DIAGNOSIS) == "layer 1, W1, weight gradient"
    assert place(replace(DIAGNOSIS, where={"layer": None, "parameter": None, "operation": "loss"})) == "loss"
    assert place(replace(DIAGNOSIS, where={"layer": 2, "sample": 0})) == "layer 2, sample 0"
    assert place(replace(DIAGNOSIS, where={})) == ""


def test_a_diagnosis_takes_five_lines_at_most() -> None:
    assert told(DIAGNOSIS) == [
        ("Cause", "W1 gets no gradient"),
        ("Where", "layer 1, W1, weight gradient"),
        ("Proof", "Zeros everywhere; by hand up to 0.3."),
        ("Fix", "Compute dW1."),
        ("More", "nnkit explain weight-gradient-missing"),
    ]
    assert told(replace(DIAGNOSIS, severity="warning"))[0][0] == "Harmless"
    assert in_one_line(DIAGNOSIS) == "W1 gets no gradient (nnkit explain weight-gradient-missing)"
    assert in_one_line(replace(DIAGNOSIS, cause="unknown")) == "W1 gets no gradient"


def test_what_is_not_in_the_catalogue_is_told_in_its_own_words() -> None:
    unknown = replace(DIAGNOSIS, cause="unknown", fix="")
    assert [label for label, _ in told(unknown)] == ["Cause", "Where", "Proof"]
    assert (title(unknown), title(DIAGNOSIS)) == ("W1 gets no gradient", "The gradient of some weights is zero")
