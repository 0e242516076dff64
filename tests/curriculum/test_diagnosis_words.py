from __future__ import annotations

from dataclasses import replace

from nnkit.curriculum.diagnosis_words import in_one_line, place, proved, title, told
from nnkit.curriculum.results import Diagnosis, Passage

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
    assert place(replace(DIAGNOSIS, where={"layer": 2, "layers": 3, "operation": "delta"})) == "layer 2 of 3, delta"
    assert place(replace(DIAGNOSIS, where={"layer": None, "layers": 3, "operation": "loss"})) == "loss"
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


def test_what_was_hidden_says_where_it_showed() -> None:
    assert told(replace(DIAGNOSIS, behind=6))[0] == ("Behind it", "At stage 6: W1 gets no gradient")


def test_what_is_not_in_the_catalogue_is_told_in_its_own_words() -> None:
    unknown = replace(DIAGNOSIS, cause="unknown", fix="")
    assert [label for label, _ in told(unknown)] == ["Wrong", "Where", "Proof"]
    assert (title(unknown), title(DIAGNOSIS)) == ("W1 gets no gradient", "The gradient of some weights is zero")


def test_the_authors_own_line_stands_with_the_place() -> None:
    passage = Passage(
        file="net.py", function="backward", first=9, last=14, line=12, called_by="gradients", called_at=20,
        shown=("def backward(a):", "    g = a", "    return g * 2"), shown_from=10,
    )  # fmt: skip
    where = "layer 1, W1, weight gradient; net.py:{} in backward, called by gradients in line 20"
    found = replace(DIAGNOSIS, lines=(passage,))
    assert dict(told(found))["Where"] == where.format(12) + ": return g * 2"
    without = replace(passage, line=None)
    assert dict(told(replace(DIAGNOSIS, lines=(without,))))["Where"] == where.format("9-14")
    itself = replace(passage, called_by="backward", shown=("x" * 200,), shown_from=12)
    assert dict(told(replace(DIAGNOSIS, lines=(itself,))))["Where"].endswith(
        "net.py:12 in backward: " + "x" * 86 + " ..."
    )


def test_a_sentence_begins_with_a_capital_but_for_names() -> None:
    def cause(summary: str) -> str:
        return dict(told(replace(DIAGNOSIS, summary=summary)))["Cause"]

    assert cause("never moved: W1") == "Never moved: W1"
    assert cause("loss() counts the last sample only.") == "loss() counts the last sample only."
    assert cause("b1 gets no gradient") == "b1 gets no gradient"


def test_only_a_known_cause_that_is_no_warning_is_proved() -> None:
    assert proved([DIAGNOSIS])
    assert not proved([replace(DIAGNOSIS, severity="warning"), replace(DIAGNOSIS, cause="unknown")])
