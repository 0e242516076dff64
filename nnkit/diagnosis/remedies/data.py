"""Suspects in the inputs: NaN, nothing in them, another scale than networks are made for, test data of another scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.datasets import health
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]

#: Root mean squares of inputs for which usual starts and rates are made lie between a tenth and 3: pixels in 0..1 have 0.3
#: to 0.5, standardised columns 1, MNIST's sparse pixels 0.33 and, shifted, 1.
LARGE, SMALL = 4.0, 0.06
#: a mean of so many spreads makes all rows look alike
FAR_OFF = 5.0
#: of the rows: what is missing in nearly all was never made
MOSTLY = 0.95
#: between the spreads of test and training inputs: no other people's handwriting is so much larger
APART = 4.0
#: between the variance of the columns' means and that within columns; pixels of digits have about 1
OF_DIFFERENT_KINDS = 4.0
#: how many times as wide as the typical column one may be
WIDE = 15.0


def broken_rows(case: Case) -> Iterator[Suspect]:
    """NaN in inputs or targets, rows without a label."""
    program = case.program
    for array, cause, what, which in (
        (program.x, "nan-in-data", "inputs", "x"), (program.y, "missing-labels", "targets", "y")
    ):  # fmt: skip
        bad = ~np.isfinite(np.asarray(array).reshape(len(array), -1).sum(axis=1))
        if bad.any():
            yield Suspect(
                cause, "data", f"{int(bad.sum())} rows of the {what} hold NaN or infinity, the first of them row "
                f"{int(np.argmax(bad))}.", "the rows with NaN left out",
                f"keep = np.isfinite({which}).all(axis=1); x, y = x[keep], y[keep]",
                replace(program, x=program.x[~bad], y=program.y[~bad]), fact=case.has("not-finite"),
            )  # fmt: skip
    found = case.targets
    if found.unlabelled.count > MOSTLY * len(program.y) and program.y.shape[1] > 1:
        yield Suspect(
            "one-hot-wrong", "data", f"{found.unlabelled.count} of {len(program.y)} rows of the targets name no class: all "
            f"their entries are equal, in row {found.unlabelled.first} first.", "", "y = np.eye(k)[labels]", fact=True,
        )  # fmt: skip
    elif found.unlabelled and found.labels is not None:
        empty = [str(k) for k in np.flatnonzero(found.counts == 0)]
        bad = found.labels < 0
        shifted = bool(empty) and len(found.counts) > 2
        yield Suspect(
            "one-hot-wrong" if shifted else "missing-labels", "data",
            f"{found.unlabelled.count} rows of the targets name no class, the first of them row {found.unlabelled.first}"
            + (f", and column {', '.join(empty)} is never used." if shifted else "."),
            "the rows without a label left out", "keep = y.max(axis=1) > y.min(axis=1); x, y = x[keep], y[keep]",
            replace(program, x=program.x[~bad], y=program.y[~bad]),
        )  # fmt: skip


def no_information(case: Case) -> Iterator[Suspect]:
    """Inputs that are the same in every row: nothing can be learned from them, and nothing done about it afterwards."""
    found = case.inputs
    if found.constant >= 0.999 or found.rows_alike > 0.95:
        whole = np.asarray(case.program.x).dtype.kind in "iu"
        yield Suspect(
            "integer-arrays" if whole else "constant-inputs", "data",
            f"All rows of x are alike: {found.constant:.0%} of the columns hold one value"
            + (f", and x is made of whole numbers ({case.program.x.dtype})." if whole else "."),
            "", "look at what data() does to x before it is returned: print(x[:3], x.std(axis=0))", fact=True,
        )  # fmt: skip


def scale(case: Case) -> Iterator[Suspect]:
    """Inputs far larger, far smaller, or far off 0, or one column of them."""
    found, program = case.inputs, case.program
    if found.constant >= 0.999 or not np.isfinite(found.distance):
        return
    if found.widest > WIDE:
        yield Suspect(
            "inputs-not-scaled", "data",
            f"Column {found.widest_column} of x spreads {found.widest:.3g} times as much as the typical column.",
            "each column of x standardised", "x = (x - x.mean(axis=0)) / x.std(axis=0)",
            _on_inputs(program, _standardised(program.x)),
        )  # fmt: skip
    if found.distance > LARGE:
        if abs(found.mean) > FAR_OFF * found.spread:
            yield Suspect(
                "inputs-not-scaled", "data",
                f"The inputs lie about {found.mean:.3g} and spread only by {found.spread:.3g}: to the network all rows look "
                "alike.", "each column of x standardised", "x = (x - x.mean(axis=0)) / x.std(axis=0)",
                _on_inputs(program, _standardised(program.x)),
            )  # fmt: skip
        size = max(abs(found.lowest), abs(found.highest))
        yield Suspect(
            "inputs-not-scaled", "data",
            f"The inputs go from {found.lowest:.3g} to {found.highest:.3g}: sums of them are far outside of what "
            "activations are made for.", f"the inputs divided by {size:.4g}", f"x = x / {size:.4g}",
            _on_inputs(program, lambda x: x / size),
        )  # fmt: skip
    if 0 < found.distance < SMALL and found.widest <= WIDE:
        size = max(abs(found.lowest), abs(found.highest))
        yield Suspect(
            "inputs-scaled-twice", "data",
            f"The inputs go from {found.lowest:.3g} to {found.highest:.3g}: next to nothing of them comes through.",
            f"the inputs divided by {size:.3g}", "scale x once, to about 0..1",
            _on_inputs(program, lambda x: x / size),
        )  # fmt: skip


def rows_standardised(case: Case) -> Iterator[Suspect]:
    """Each row with a mean of 0 and a spread of 1, of columns that measure different things: what makes the rows differ
    is gone. (Images may well be treated so: their pixels are all of one kind.)"""
    x = np.asarray(case.program.x, dtype=np.float64)[:2000].reshape(-1, int(np.prod(case.program.x.shape[1:])))
    if x.shape[1] < 2 or not np.isfinite(x).all():
        return
    exact = np.abs(x.mean(axis=1)).max() < 1e-5 and np.ptp(x.std(axis=1)) < 1e-3
    means, within = x.mean(axis=0), float((x.var(axis=0)).mean())
    if exact and float(means.var()) > OF_DIFFERENT_KINDS * within:
        yield Suspect(
            "standardised-over-wrong-axis", "data",
            "Each row of x has a mean of 0 and a spread of 1, and the columns have means of their own: they were "
            "standardised along the rows.", "", "x = (x - x.mean(axis=0)) / x.std(axis=0)", fact=True,
        )  # fmt: skip


def test_scale(case: Case) -> Iterator[Suspect]:
    """Test inputs of another scale than those of the training."""
    program = case.program
    if program.x_test is None or program.x_test.shape[1:] != program.x.shape[1:]:
        return
    ours, theirs = health.inputs(program.x), health.inputs(program.x_test)
    if not (ours.spread > 0 and np.isfinite(theirs.spread)):
        return
    if theirs.constant >= 0.999 > ours.constant:
        yield Suspect(
            "test-data-differ", "data", "All rows of x_test are alike, those of x are not.", "",
            "prepare x_test exactly as x", fact=True, on="test",
        )  # fmt: skip
        return
    ratio = theirs.spread / ours.spread
    off = abs(theirs.mean - ours.mean) / ours.spread
    if ratio > 2 or ratio < 0.5 or off > 0.5:
        mean, spread = theirs.mean, theirs.spread

        def like_training(x: Array) -> Array:
            return np.asarray((x - mean) / spread * ours.spread + ours.mean)

        yield Suspect(
            "test-data-differ", "data",
            f"x has a mean of {ours.mean:.3g} and a spread of {ours.spread:.3g}, x_test {theirs.mean:.3g} and "
            f"{theirs.spread:.3g}: they were not scaled alike.", "x_test brought to the scale of x",
            "x_test = (x_test - mean) / spread, with the mean and the spread of x",
            replace(program, x_test=like_training(np.asarray(program.x_test, dtype=np.float64))), on="test",
            fact=far_apart(case),
        )  # fmt: skip


def far_apart(case: Case) -> bool:
    """Whether test inputs are of quite another scale than those of the training."""
    program = case.program
    if program.x_test is None or program.x_test.shape[1:] != program.x.shape[1:]:
        return False
    ours, theirs = health.inputs(program.x), health.inputs(program.x_test)
    return ours.spread > 0 and not 1 / APART < theirs.spread / ours.spread < APART


def _on_inputs(program: Program, change: Callable[[Array], Array]) -> Program:
    """A change of what the loop is given; a loop that makes its own inputs of it is given what it makes of that."""
    x_test = None if program.x_test is None else change(np.asarray(program.x_test, dtype=np.float64))
    return replace(program, x=_as(change(np.asarray(program.x, dtype=np.float64)), program.x), x_test=x_test)


def _as(values: Array, like: Array) -> Array:
    return values.astype(like.dtype if like.dtype.kind == "f" else np.float64)


def _standardised(x: Array) -> Callable[[Array], Array]:
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        mean, spread = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    return lambda other: np.asarray((other - mean) / spread)
