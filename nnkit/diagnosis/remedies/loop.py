"""Suspects in the author's loop: targets of other rows, sorted batches, rows that are never used, weights set back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.datasets import health
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect

Array = npt.NDArray[Any]

#: of the fed rows that are rows of x: fewer with their own target, and it is no slip of a few rows
PAIRED = 0.9
#: Beyond what a random order has, of what there can be: half of a window's rows belong to other classes than they should.
SORTED = 0.3
#: of the rows of x
USED = 0.97


def order_of_rows(case: Case) -> Iterator[Suspect]:
    loop, program = case.loop, case.program
    if loop.known > 0.5 and loop.paired < PAIRED:
        yield Suspect(
            "inputs-shuffled-without-labels", "loop",
            f"Only {loop.paired:.0%} of the rows that the loop feeds have their own target ({loop.paired_by_chance:.0%} "
            "would by chance).", "a loop that keeps each row with its target",
            "order = rng.permutation(len(x)); xb, yb = x[order[i:j]], y[order[i:j]]",
            replace(program, fit=case.plain_loop()),
        )  # fmt: skip
    if loop.networks > 1 or loop.set_back:
        when = f"{loop.networks} networks are trained one after another" if loop.networks > 1 else (
            f"the parameters are set back to their start {loop.set_back} times, first before step {loop.moved[0] + 1}"
        )  # fmt: skip
        yield Suspect(
            "network-rebuilt", "loop", f"In the loop {when}: what was learned is thrown away.",
            "a loop that goes on with the network it has", "build the network once, before the loop",
            replace(program, fit=case.plain_loop()),
        )  # fmt: skip
    elif len(loop.moved) > 1 or loop.moved == [loop.steps]:
        yield Suspect(
            "weights-changed-by-loop", "loop",
            f"Somebody else than train_step changes the parameters, {len(loop.moved)} times, first before step "
            f"{loop.moved[0] + 1}.", "a loop that leaves the parameters to train_step",
            "take out of the loop what writes into the weights", replace(program, fit=case.plain_loop()),
        )  # fmt: skip


def rows_in_sequence(case: Case) -> Iterator[Suspect]:
    loop, program = case.loop, case.program
    if loop.known > 0.5 and loop.windows - loop.windows_by_chance > SORTED:
        yield Suspect(
            "batches-not-shuffled", "loop",
            f"A hundred rows in sequence are of other classes than the whole: their mixtures differ by {loop.windows:.0%}, "
            f"in random order by {loop.windows_by_chance:.0%}.", "the rows in a new random order for each epoch",
            "order = rng.permutation(len(x))", replace(program, fit=case.plain_loop()),
        )  # fmt: skip


def rows_left_out(case: Case) -> Iterator[Suspect]:
    """Rows that are never used although the loop has fed as many as there are."""
    loop, program = case.loop, case.program
    if loop.known < 0.5 or loop.cut or loop.epochs < 1.5 or loop.used + loop.held_out > USED or not loop.unused:
        return
    if loop.used > 1 - np.exp(-loop.epochs) - 0.1 and not _together(loop.unused, loop.n):
        return  # drawn at random, some are never drawn
    left = 1 - loop.used - loop.held_out
    yield Suspect(
        "last-batch-dropped" if left < 0.3 else "rows-never-used", "loop",
        f"{left:.0%} of the rows are never used, in {loop.epochs:.3g} epochs: row {loop.unused[0]} is the first of them.",
        "a loop that uses all rows", "for begin in range(0, len(x), size): xb, yb = x[begin:begin + size], ...",
        replace(program, fit=case.plain_loop()),
    )  # fmt: skip


def test_rows(case: Case) -> Iterator[Suspect]:
    if case.loop.test > 0.02:
        yield Suspect(
            "trained-on-test-data", "loop",
            f"{case.loop.test:.0%} of the rows that are trained on are rows of x_test: test results say nothing.", "",
            "train on x and y alone", fact=True, on="test",
        )  # fmt: skip


def rows_in_both(case: Case) -> Iterator[Suspect]:
    """Test rows that stand in the training set, too. Where rows are few or alike (all cases of XOR) that is no slip, and
    who returns one set twice has no test set."""
    x, x_test = case.program.x, case.program.x_test
    if x_test is None or x_test.shape[1:] != x.shape[1:] or len(x) < 100 or case.inputs.rows_alike > 0.05:
        return
    found = health.in_both(x, x_test)
    share = found.count / len(x_test)
    if found.count < 5 or share < 0.02 or np.array_equal(x, x_test):
        return
    yield Suspect(
        "trained-on-test-data" if share > 0.9 else "duplicates-across-sets", "data",
        f"{share:.0%} of the rows of x_test are rows of x, too, row {found.first} the first: of these the test says nothing.",
        "", "part the data once, then leave the test rows alone", fact=True, on="test",
    )  # fmt: skip


def _together(rows: list[int], n: int) -> bool:
    """Whether these rows stand in one or two blocks."""
    return len(rows) > 1 and int((np.diff(rows) > 1).sum()) <= max(2, len(rows) // 50)
