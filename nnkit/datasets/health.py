"""What can be wrong with data before anything is trained on them: plain figures, each with the first row that shows it.

Nothing here judges a training; many of these figures are odd in sound data too. What hurts is for experiments to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: rows that are looked at
ROWS = 6000
#: rows among which nearest neighbours are looked for: their shares are then known to two or three per cent
NEIGHBOURS = 1200
#: shifts of targets against inputs that are looked at
SHIFTS = (-2, -1, 1, 2)


@dataclass(frozen=True)
class BadRows:
    """How many rows, and the first of them, from 0."""

    count: int
    first: int

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True, eq=False)
class InputHealth:
    """lowest, highest, mean, spread: of all finite numbers (spread: the standard deviation of one number within its
    column, over all columns); distance: the root mean square of all numbers, which is what the first sums grow with.
    constant: the share of columns that hold one value; distinct: how many different numbers there are, up to a thousand;
    widest: the spread of the widest column over that of the typical one; rows_alike: the share of rows that equal another.
    not_finite: rows with NaN or infinity."""

    lowest: float
    highest: float
    mean: float
    spread: float
    distance: float
    constant: float
    distinct: int
    widest: float
    widest_column: int
    rows_alike: float
    not_finite: BadRows


@dataclass(frozen=True, eq=False)
class TargetHealth:
    """lowest, highest, spread: of all finite numbers. not_finite: rows with NaN or infinity. labels: of each row its class,
    -1 where it has none, None where the targets are no classes; counts: of each class; unlabelled: rows whose entries
    are all equal, or negative labels; several: rows with several ones where most have one; is_sorted: rows stand by class.
    """

    lowest: float
    highest: float
    spread: float
    not_finite: BadRows
    labels: Array | None
    counts: Array
    unlabelled: BadRows
    several: BadRows
    is_sorted: bool

    @property
    def most_frequent(self) -> float:
        """The share of the most frequent class."""
        return float(self.counts.max() / max(self.counts.sum(), 1)) if len(self.counts) else 0.0


@dataclass(frozen=True)
class Pairing:
    """Whether targets belong to their inputs. agreement: the share of rows whose nearest other row has the same class
    (numbers: the rank correlation with its target); by_chance: the same with targets in random order; shifted: the largest
    agreement when targets are moved by some rows against the inputs, and `shift` by how many."""

    agreement: float
    by_chance: float
    rows: int
    shift: int = 0
    shifted: float = float("nan")

    @property
    def error(self) -> float:
        """Three standard errors of the agreement."""
        p = min(max(self.by_chance, 0.02), 0.98)
        return 3 * float(np.sqrt(p * (1 - p) / max(self.rows, 1)))

    @property
    def at_chance(self) -> bool:
        return self.agreement <= self.by_chance + self.error


def inputs(x: Array, scale: float = 1.0, shift: float = 0.0) -> InputHealth:
    """Of scale (x - shift). Where there are many rows, of every so many-th; NaN is looked for in all."""
    finite = np.asarray(np.isfinite(np.asarray(x).reshape(len(x), -1).sum(axis=1)))
    bad = _rows(~finite)
    some = x[:: -(-len(x) // ROWS)]
    good = (_flat(some) - shift) * scale
    good = good[np.isfinite(good).all(axis=1)]
    if not len(good):
        nan = float("nan")
        return InputHealth(nan, nan, nan, nan, nan, 0.0, 0, 1.0, 0, 0.0, bad)
    spreads = good.std(axis=0)
    rough = spreads > 1e-12 * max(1.0, float(np.abs(good).max()))
    typical = float(np.median(spreads[rough])) if rough.any() else 0.0
    widest = int(np.argmax(spreads))
    distinct = len(np.unique(good[:500]))
    keys = good @ np.random.default_rng(1).uniform(0.5, 1.5, good.shape[1])
    return InputHealth(
        float(good.min()), float(good.max()), float(good.mean()), float(np.sqrt((spreads**2).mean())),
        float(np.sqrt((good * good).mean())), float(1 - rough.mean()), distinct,
        float(spreads[widest] / typical) if typical > 0 else 1.0, widest, 1 - len(np.unique(keys)) / len(keys), bad,
    )  # fmt: skip


def targets(y: Array) -> TargetHealth:
    y = np.asarray(y, dtype=np.float64)
    finite = np.asarray(np.isfinite(y).all(axis=1))
    bad, good = _rows(~finite), y[finite]
    if not len(good):
        nan, none = float("nan"), np.zeros(0, bool)
        return TargetHealth(nan, nan, nan, bad, None, np.zeros(0, int), bad, _rows(none), False)
    labels: Array | None = None
    unlabelled = several = np.zeros(len(y), bool)
    values = np.unique(good[:5000])
    if y.shape[1] > 1:
        flat = np.ptp(np.nan_to_num(y), axis=1) == 0
        top = good.max(axis=1, keepdims=True)
        ones = (good >= top).sum(axis=1)
        one_each = (ones == 1) | (np.ptp(good, axis=1) == 0)
        kinds = len(np.unique(np.round(good[:3000], 6), axis=0))
        if (one_each.mean() > 0.9 and kinds <= 4 * y.shape[1]) or flat.mean() > 0.95:
            unlabelled = flat & finite
            several[finite] = ~one_each
            labels = np.where(flat | ~finite, -1, np.argmax(np.nan_to_num(y), axis=1))
    elif len(values) <= 2:
        labels = np.where(finite, y[:, 0] > values.mean(), -1).astype(int)
    elif len(values) == 3 and values[0] < 0 and set(values[1:]) == {0.0, 1.0}:
        labels = y[:, 0].astype(int)
        unlabelled = y[:, 0] < 0
    counts = np.zeros(0, int)
    is_sorted = False
    if labels is not None:
        counts = np.bincount(labels[labels >= 0], minlength=max(y.shape[1], 2))
        known = labels[labels >= 0]
        changes = int((np.diff(known) != 0).sum())
        is_sorted = len(known) > 50 and int((counts > 0).sum()) > 1 and changes < 2 * len(counts)
    return TargetHealth(
        float(good.min()), float(good.max()), float(good.std()), bad, labels, counts, _rows(unlabelled),
        _rows(several), is_sorted,
    )  # fmt: skip


def pairing(x: Array, y: Array, x_other: Array | None = None, y_other: Array | None = None) -> Pairing:
    """Of x and y; with others given, whether the nearest row of x to each of the others has its target."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(x))[: NEIGHBOURS * (1 if x_other is None else 3)])
    some, targets_ = _scaled(x[rows], x), np.asarray(y, dtype=np.float64)
    if x_other is None or y_other is None:
        nearest = _nearest(some, None)
        first, second = rows, rows[nearest]
        agreement = _agreement(targets_[first], targets_[second])
        shifts = {s: _agreement(np.roll(targets_, s, 0)[first], np.roll(targets_, s, 0)[second]) for s in SHIFTS}
        best = max(shifts, key=lambda s: shifts[s])
        shuffled = targets_[rng.permutation(len(targets_))]
        return Pairing(agreement, _agreement(shuffled[first], shuffled[second]), len(rows), best, shifts[best])
    others = np.sort(rng.permutation(len(x_other))[:NEIGHBOURS])
    nearest = rows[_nearest(some, _scaled(x_other[others], x))]
    theirs = np.asarray(y_other, dtype=np.float64)[others]
    by_chance = _agreement(theirs, targets_[rng.permutation(rows)[: len(others)]]) if len(rows) >= len(others) else 0.0
    return Pairing(_agreement(theirs, targets_[nearest]), by_chance, len(others))


def in_both(x: Array, x_test: Array) -> BadRows:
    """Test rows that are training rows, too. Rows of one value throughout do not count."""
    vector = np.random.default_rng(2).uniform(0.5, 1.5, int(np.prod(x.shape[1:])))
    ours, theirs = _flat(x), _flat(x_test)
    keys, test_keys = (np.round(part @ vector, 9) for part in (ours, theirs))
    return _rows(np.isin(test_keys, keys) & (np.ptp(theirs, axis=1) > 0))


def _agreement(a: Array, b: Array) -> float:
    """Of targets (n, k) with others: the share of equal classes, or the correlation of numbers."""
    known = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = a[known], b[known]
    if not len(a):
        return float("nan")
    if a.shape[1] > 1 and ((a >= a.max(axis=1, keepdims=True)).sum(axis=1) == 1).mean() > 0.9:
        return float((a.argmax(axis=1) == b.argmax(axis=1)).mean())
    if len(np.unique(a)) <= 2:
        return float((a == b).mean())
    # of ranks, in which one number a thousand times too large is one among many
    a, b = (part.argsort(axis=0).argsort(axis=0).astype(float) for part in (a, b))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / size) if size > 0 else 0.0


def _nearest(some: Array, others: Array | None) -> Array:
    """For each of the others (of some: the nearest that is not itself) the number of the nearest of some."""
    asked = some if others is None else others
    distance = (asked * asked).sum(axis=1)[:, None] + (some * some).sum(axis=1) - 2 * asked @ some.T
    if others is None:
        np.fill_diagonal(distance, np.inf)
    return np.asarray(np.argmin(distance, axis=1))


def _scaled(rows: Array, by: Array) -> Array:
    """Columns of one typical scale: a column that is a thousand times as wide as the others would decide alone."""
    rows, by = _flat(rows), _flat(by[:5000])
    rows = np.nan_to_num(rows, posinf=0.0, neginf=0.0)
    with np.errstate(all="ignore"):
        spread = np.nan_to_num(np.nanstd(np.where(np.isfinite(by), by, np.nan), axis=0))
    rough = spread > 0
    if not rough.any():
        return rows
    typical = float(np.median(spread[rough]))
    return np.asarray(rows / np.maximum(spread / typical, 1.0))


def _flat(x: Array) -> Array:
    return np.asarray(x).reshape(len(x), -1).astype(np.float64, copy=False)


def _rows(bad: Array) -> BadRows:
    return BadRows(int(bad.sum()), int(np.argmax(bad)) if bad.any() else -1)
