"""Programs with several faults are what their table says, and the grafts are: each edit finds its line, and is told apart.

Gradients are checked as in test_programs.py, without the code that all this is there to test.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.gallery import grafts
from tests.gallery.test_programs import OTHER_SIZES, SIZES, cases, differ, module, numerical_gradients

KEYS = {"causes", "stage", "note", "edits", "sizes"}
PROGRAMS = grafts.several()

each_program = pytest.mark.parametrize(("file", "table"), PROGRAMS, ids=[file.stem for file, _ in PROGRAMS])
each_edit = pytest.mark.parametrize("edit", grafts.EDITS, ids=[edit.name for edit in grafts.EDITS])


def mended(source: str, edits: list[dict[str, str]]) -> str:
    for edit in edits:
        assert source.count(edit["wrong"]) == 1
        source = source.replace(edit["wrong"], edit["right"])
    return source


def assert_learns(source: str, sizes: tuple[int, ...]) -> None:
    """It has the gradients of its loss, and a few small steps take the loss down."""
    network = module(source, "right").build(sizes, 3)
    x, y = cases(7, sizes)
    for got, numerical in zip(network.gradients(x, y), numerical_gradients(network, x, y), strict=True):
        np.testing.assert_allclose(got, numerical, rtol=1e-5, atol=1e-8)
    before = network.loss(x, y)
    for _ in range(30):
        network.train_step(x, y, 0.003)
    assert network.loss(x, y) < before


def test_each_file_has_a_table() -> None:
    assert {file.stem for file, _ in PROGRAMS} == {file.stem for file in grafts.SEVERAL.glob("*.py")}


@each_program
def test_all_edits_together_mend_it(file: Path, table: dict[str, Any]) -> None:
    assert set(table) <= KEYS
    assert len(table["edits"]) == len(table["causes"]) >= 3
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", id) for causes in grafts.alternatives(table) for id in causes)
    assert table["stage"] in range(1, 7)
    assert table["note"].endswith(".")
    assert_learns(mended(file.read_text(encoding="utf-8"), table["edits"]), tuple(table.get("sizes", SIZES)))


@each_program
def test_each_fault_changes_numbers(file: Path, table: dict[str, Any]) -> None:
    faulty, sizes = file.read_text(encoding="utf-8"), tuple(table.get("sizes", SIZES))
    right = module(mended(faulty, table["edits"]), "right")
    for left in table["edits"]:
        one = module(mended(faulty, [edit for edit in table["edits"] if edit is not left]), "one_fault")
        assert differ(one, right, sizes), left["wrong"]


@pytest.mark.parametrize("sizes", [SIZES, *OTHER_SIZES])
def test_the_network_of_the_grafts_is_right(sizes: tuple[int, ...]) -> None:
    assert_learns(grafts.RIGHT, sizes)


@each_edit
def test_each_graft_changes_numbers(edit: grafts.Edit) -> None:
    right, wrong = module(grafts.RIGHT, "right"), module(grafts.grafted(edit), "wrong")
    no_hidden_layer = (4, 3)  # large inputs make large sums only there
    assert any(differ(wrong, right, sizes) for sizes in (SIZES, *OTHER_SIZES, no_hidden_layer))


def test_pairs_fit() -> None:
    pairs = grafts.pairs(seed=0, count=200)
    assert pairs == grafts.pairs(seed=0, count=200)
    assert len(set(pairs)) == 200
    for one, two in pairs:
        assert grafts.grafted(one, two) == grafts.grafted(two, one)


def test_names_of_exclusions_are_those_of_edits() -> None:
    assert {name for pair in grafts.ONE_TOGETHER for name in pair} <= set(grafts.BY_NAME)


def test_what_hides_another_is_no_pair() -> None:
    edit = grafts.BY_NAME
    assert not grafts.fit(edit["name bound anew"], edit["swings back"])  # the same part of the program
    assert not grafts.fit(edit["no bias"], edit["biases left out"])  # right together
    assert not grafts.fit(edit["no bias"], edit["bias twice"])  # the same line
    assert grafts.fit(edit["no bias"], edit["swings back"])


#: forward and gradient, loss and update, gradient and state, twice the gradient, gradient and optimiser
FIXED = (
    ("no tanh", "mean for biases"),
    ("half of the entropy", "mean in the step"),
    ("no slope", "never set to zero"),
    ("target minus output", "mean for biases"),
    ("target minus output", "swings back"),
)


@pytest.mark.parametrize("pair", FIXED, ids=map(" + ".join, FIXED))
def test_both_faults_of_a_pair_are_named(pair: tuple[str, str]) -> None:
    climbed = grafts.climb_with(*(grafts.BY_NAME[name] for name in pair))
    assert not climbed.unnamed, climbed.in_words
    assert not climbed.wrong_names, climbed.in_words
