"""What a terminal says of a stage that has diagnoses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnkit.curriculum.results import CheckResult, Diagnosis, StageResult, StageText
from nnkit.terminal import explain, stage_line

CAUSE = Diagnosis(
    cause="activation-derivative-missing",
    where={"layer": 1, "parameter": "W1", "operation": "delta"},
    summary="The delta of layer 1 lacks the derivative of the sigmoid",
    proof="Without a (1 - a) in layer 1, by hand, W1's gradient is the network's to 2e-16.",
    fix="Multiply the delta of layer 1 by a (1 - a).",
    source="S0.2",
)
ASIDE = replace(CAUSE, cause="gradient-scaled", severity="warning", summary="The loss is a sum, the gradient a mean")
CHECK = CheckResult(
    name="c", claim="Claim", status="failed", measured=2.0, limit=1.0, relation="<=", because="b", message="m"
)  # fmt: skip
STAGE = StageText(
    number=4, name="n", title="T", claim="c", not_yet="", text="", hints=("Look at the sign.",), references=(), source=""
)  # fmt: skip
FAILED = StageResult(stage=STAGE, status="failed", network="n.py", seed=0, checks=(CHECK,), diagnoses=(ASIDE, CAUSE))


def test_a_stage_that_failed_names_each_cause_in_five_lines(capsys: pytest.CaptureFixture[str]) -> None:
    explain(FAILED, page="", again="nnkit run")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    first = lines.index(f"Cause:     {CAUSE.summary}")
    assert lines[first + 1 : first + 5] == [
        "Where:     layer 1, W1, delta",
        f"Proof:     {CAUSE.proof}",
        f"Fix:       {CAUSE.fix}",
        "More:      nnkit explain activation-derivative-missing",
    ]
    assert lines[first + 5] == f"Harmless:  {ASIDE.summary}", "what stopped it comes first"
    assert not any(line.startswith("Hint:") for line in lines), "who knows the cause needs no hint"


def test_what_became_of_the_mended_network_stands_after_the_causes(capsys: pytest.CaptureFixture[str]) -> None:
    explain(replace(FAILED, cure="With this mended from outside, stage 4 passes."), page="", again="")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == "Mended:    With this mended from outside, stage 4 passes."
    explain(FAILED, page="", again="")
    assert "Mended:" not in capsys.readouterr().out


def test_a_fault_without_a_known_cause_leaves_the_hint(capsys: pytest.CaptureFixture[str]) -> None:
    explain(replace(FAILED, diagnoses=(replace(CAUSE, cause="unknown"),)), page="", again="")
    out = capsys.readouterr().out
    assert "Wrong:     The delta of layer 1" in out and "Hint:      Look at the sign." in out


def test_what_is_harmless_leaves_the_hint_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    explain(replace(FAILED, diagnoses=(ASIDE,)), page="", again="")
    assert "Hint:      Look at the sign." in capsys.readouterr().out


def test_a_stage_that_passed_says_what_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    stage_line(replace(FAILED, status="passed", checks=(), diagnoses=(ASIDE,)))
    out = capsys.readouterr().out
    assert f"warning: {ASIDE.summary} (nnkit explain gradient-scaled)" in out
