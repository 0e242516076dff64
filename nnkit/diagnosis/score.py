"""How well outputs answer: one number between 0 (no better than who never looks at the input) and 1 (all right).

Loss functions differ by factors, sums and penalties, so that no two can be compared; this can, between networks, losses
and sizes. With classes it is the mean share of right answers over the classes, so that to say the most frequent one is
worth nothing; with numbers it is the explained share of their variance.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
#: "amounts": numbers again, where the loss is none of squares, and so asks for something else than their mean
Kind = Literal["classes", "yes-no", "numbers", "amounts"]


def kind_of(y: Array) -> Kind:
    """What the targets (n, k) are: a class for each row; 0 or 1 (-1 or 1) in every column; anything else."""
    y = _finite_rows(y)
    if not len(y):
        return "numbers"
    values = np.unique(y[:5000])
    if y.shape[1] > 1 and _one_largest(y):
        return "classes"
    return "yes-no" if len(values) <= 2 else "numbers"


def classes_of(y: Array) -> Array:
    """A number for each row: its class; for one column, which of its two values; for several, which of all rows seen."""
    if y.shape[1] > 1 and kind_of(y) == "classes":
        return np.asarray(np.argmax(y, axis=1))
    if kind_of(y) == "yes-no" and y.shape[1] == 1:
        return np.asarray(y[:, 0] > np.nanmean([np.nanmin(y), np.nanmax(y)])).astype(int)
    if len(unique := np.unique(np.nan_to_num(y), axis=0)) <= 50:
        return np.asarray([int(np.argmin(np.abs(unique - row).sum(axis=1))) for row in np.nan_to_num(y)])
    return np.zeros(len(y), dtype=int)


def score(p: Array, y: Array, kind: Kind) -> float:
    """p (n, k) against y (n, k). Not finite outputs are no answers. Below 0 (numbers only) it is worse than the mean."""
    p, y = np.asarray(p, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if p.shape != y.shape or not len(y):
        return float("nan")
    known = np.isfinite(y).all(axis=1)
    if kind == "classes":  # a row of equal numbers names no class
        known &= np.ptp(np.nan_to_num(y), axis=1) > 0
    p, y = p[known], y[known]
    if not len(y):
        return float("nan")
    bad = np.asarray(~np.isfinite(p).all(axis=1))
    if kind == "classes":
        right = (np.argmax(np.nan_to_num(p), axis=1) == np.argmax(y, axis=1)) & ~bad
        labels = np.argmax(y, axis=1)
        recalls = [right[labels == label].mean() for label in np.unique(labels)]
        chance = 1 / max(len(recalls), 2)
        return float((np.mean(recalls) - chance) / (1 - chance))
    if kind == "yes-no":
        middle = (y.min() + y.max()) / 2
        return max(_two_sided(p, y, bad, middle, at) for at in dict.fromkeys((middle, 0.0)))
    if bad.any():
        return -1.0
    spread = float(((y - y.mean(axis=0)) ** 2).sum())
    if kind == "amounts" and spread > 0:
        p = _best_line(p, y)
    return max(-1.0, 1 - float(((p - y) ** 2).sum()) / spread) if spread > 0 else float("nan")


def accuracy(p: Array, y: Array, kind: Kind) -> float:
    """The share of right answers; NaN where the targets are no classes."""
    p, y = np.asarray(p, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if p.shape != y.shape or kind in ("numbers", "amounts") or not len(y):
        return float("nan")
    bad = np.asarray(~np.isfinite(p).all(axis=1))
    if kind == "classes":
        return float(((np.argmax(np.nan_to_num(p), axis=1) == np.argmax(y, axis=1)) & ~bad).mean())
    middle = (np.nanmin(y) + np.nanmax(y)) / 2
    thresholds = (middle, 0.0) if p.size and (np.nanmin(p) < np.nanmin(y)) else (middle,)
    return max(float((((p > at) == (y > middle)) & ~bad[:, None]).mean()) for at in thresholds)


def _best_line(p: Array, y: Array) -> Array:
    """a p + b of each column that is nearest to y: a quantile or a median lies beside the mean, and moves with it."""
    off, wanted = p - p.mean(axis=0), y - y.mean(axis=0)
    size = (off * off).sum(axis=0)
    slope = np.where(size > 0, (off * wanted).sum(axis=0) / np.where(size > 0, size, 1.0), 0.0)
    return np.asarray(off * np.maximum(slope, 0.0) + y.mean(axis=0))


def _two_sided(p: Array, y: Array, bad: Array, middle: float, at: float) -> float:
    """The mean over columns and over their two answers of the share that is right, from 0 to 1 beyond chance."""
    if at < middle and np.nanmin(np.nan_to_num(p)) >= y.min():  # outputs in the range of the targets: no logits
        at = middle
    said, wanted = p > at, y > middle
    shares = []
    for column in range(y.shape[1]):
        for answer in (False, True):
            rows = wanted[:, column] == answer
            if rows.any():
                shares.append(float(((said[rows, column] == answer) & ~bad[rows]).mean()))
    return 2 * float(np.mean(shares)) - 1 if shares else float("nan")


def _finite_rows(y: Array) -> Array:
    y = np.asarray(y, dtype=np.float64)
    return np.asarray(y[np.isfinite(y).all(axis=1)])


def _one_largest(y: Array) -> bool:
    """Whether each row has one entry that stands out, and there are no more than a few kinds of rows."""
    y = y[:5000]
    y = y[np.ptp(y, axis=1) > 0]  # a row of equal numbers names no class
    if not len(y):
        return False
    largest = y.max(axis=1, keepdims=True)
    one = ((y >= largest - 1e-9).sum(axis=1) == 1).mean() > 0.98
    return bool(one and len(np.unique(np.round(y, 6), axis=0)) <= 3 * y.shape[1] and y.shape[1] <= 1000)
