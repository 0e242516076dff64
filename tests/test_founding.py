"""The networks that the founding documents are about, written anew: where they stop, and what is said of them.

Source: S0.1, S0.2, S2.0.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from subject_zoo import stage_number

from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.curriculum.run_stage import run_stage
from nnkit.report.references import FACTS
from nnkit.subjects.load import locate

#: the checks that compare gradients with the loss, by stage
COMPARES = {4: ["analytic-matches-numerical"], 5: ["gradients"]}
GALLERY = Path(__file__).parents[1] / "gallery" / "founding"


def run(file: str, number: int, seed: int = 0) -> StageResult:
    source = locate(str(GALLERY / file))
    return run_stage(stage_number(number), source.load(), source, seed=seed, fingerprint={})


def check_of(result: StageResult, name: str) -> CheckResult:
    return next(check for check in result.checks if check.name == name)


@pytest.mark.parametrize("file", ["s2_network.py", "s2_log_loss.py"])
def test_a_summed_cost_with_an_averaged_gradient_is_named_and_stops_nothing(file: str) -> None:
    for number in range(1, 6):
        result = run(file, number)
        assert result.status == "passed", (number, [c.message for c in result.checks if c.status == "failed"])
        warnings = [check for check in result.checks if check.status == "warning"]
        assert [check.name for check in warnings] == COMPARES.get(number, [])
        for check in warnings:
            assert "gradients(x, y) is 1/n times the slope of loss(x, y)" in check.message
            assert "the loss is a sum over the samples, the gradient a mean. That is harmless" in check.message
            assert result.headline.startswith("the loss is a sum over the samples, the gradient a mean")
        assert result.conventions.get("gradient") == "1/n times the slopes of the loss"


def test_nearly_equal_weights_keep_all_outputs_equal_on_xor() -> None:
    """Weights N(0.1, 0.1) make hidden units that are nearly one: what its author saw, and the stage says."""
    result = run("s2_network.py", 6)
    assert result.status == "failed"
    check = check_of(result, "learns-xor-as-often-as-the-reference")
    assert check.status == "failed"
    assert "0 of 100 seeds learned XOR" in check.message and "the same output in all four cases: 100" in check.message


def test_a_derivative_that_is_missing_at_the_output_is_found_there() -> None:
    """Seen from the output down, the very first delta is wrong; updates follow their formula, and are not accused."""
    result = run("s0_network.py", 4)
    assert result.status == "failed"
    deltas = check_of(result, "deltas-match-by-hand")
    assert deltas.status == "failed" and "the first wrong one is the delta of layer 3" in deltas.message
    assert "still right" not in deltas.message
    slopes = check_of(result, "analytic-matches-numerical")
    assert slopes.status == "failed" and "harmless" not in slopes.message
    assert check_of(result, "update-follows-its-formula").status == "passed"
    assert "gradient" not in result.conventions


def test_where_it_stops_depends_on_luck_and_the_words_are_right_in_either_case() -> None:
    """Dropping a positive factor of each case leaves a direction that mostly goes down, but not from everywhere."""
    for number in (1, 2, 3):
        assert run("s0_network.py", number, seed=1).status == "passed"
    step = check_of(run("s0_network.py", 1), "one-small-step-lowers-the-loss")
    assert step.status == "failed"
    assert "It does from 9 of the starts" in step.message
    assert "is what gradients(x, y) returns the slope of this loss?" in step.message
    assert "subtract" not in step.message


# The table of docs/founding.md ----------------------------------------------------------------------------------------

HERE = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (HERE / "docs" / "founding.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| S")
]


def test_every_fact_is_in_the_table() -> None:
    assert [row[0] for row in ROWS] == list(FACTS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_a_row_names_exists(row: list[str]) -> None:
    named = re.findall("`([^`]+)`", f"{row[2]} {row[3]}")
    assert len(named) >= 2
    for words in named:
        for path in re.findall(r"[\w/]+\.py", words.partition(" --")[0]):
            assert (HERE / path).is_file(), path
        if words.startswith("nnkit."):
            package, _, name = words.rpartition(".")
            assert hasattr(importlib.import_module(package), name), words
        elif words.startswith("python -m"):
            assert (HERE / (words.split()[2].replace(".", "/") + ".py")).is_file(), words
        elif words.startswith("make stage-"):
            assert len(list((HERE / "stages").glob(f"stage_{words[-1]}_*.py"))) == 1
