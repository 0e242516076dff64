"""What a training loop did with its data: which rows it fed, with which targets, in which order, at which rates.

Rows are known by their content: each is multiplied by one random vector, and what gives the same number is the same row.
So it does not matter how the loop picks them. What it makes of them first (noise, shifted images) is not known again,
and of such rows nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.score import classes_of

Array = npt.NDArray[Any]

#: relative difference of two sums of the same products, added up in another order
SAME = 1e-9
#: rows that make a window, in which the mixture of classes is looked at
WINDOW = 100


@dataclass
class LoopAccount:
    """steps: updates done; rows: rows fed, in all; n: rows there are; seconds: what it took; cut: it was not waited for
    its end; error: what the loop raised; networks: how many were trained.

    known: the share of fed rows that are rows of x; the following is of these. used: the share of the rows of x that was
    ever fed; held_out: the share that it only asked the network about; unused: some of the others, by number; paired: the share that was fed with its own target, and paired_by_chance
    what a random pairing would give. test: the share of all fed rows that are test rows and no training rows.
    windows: how much the mixture of classes of a hundred rows in sequence differs from that of all (0: not at all, 1:
    nothing in common), windows_by_chance: the same in random order. same_order: each epoch repeats the order of the first.
    rates: the rate of each step (NaN where it is not a number). moved: steps before which somebody else than train_step
    had changed the parameters; set_back: how often they were then those of the start. batch_sizes: how many rows each step got. labels: the class of each fed row.
    """

    steps: int = 0
    rows: int = 0
    n: int = 0
    seconds: float = 0.0
    cut: bool = False
    error: str = ""
    networks: int = 1
    known: float = 0.0
    used: float = 0.0
    held_out: float = 0.0
    unused: list[int] = field(default_factory=list)
    paired: float = float("nan")
    paired_by_chance: float = float("nan")
    test: float = 0.0
    windows: float = float("nan")
    windows_by_chance: float = float("nan")
    same_order: bool = False
    rates: list[float] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    set_back: int = 0
    batch_sizes: list[int] = field(default_factory=list)
    order: Array = field(default_factory=lambda: np.zeros(0, int), repr=False)

    @property
    def epochs(self) -> float:
        """How often the training set was gone through."""
        return self.rows / self.n if self.n else 0.0


class Fingerprints:
    """A number for each row of an array, the same for the same content."""

    def __init__(self, features: int) -> None:
        self._vector = np.random.default_rng(12345).uniform(0.5, 1.5, features)

    def of(self, rows: Array) -> Array:
        flat = np.asarray(rows).reshape(len(rows), -1)
        if flat.shape[1] != len(self._vector):
            return np.full(len(flat), np.nan)
        return np.asarray(flat.astype(np.float64, copy=False) @ self._vector)


class Rows:
    """The rows of one array, to be found again by their fingerprints."""

    def __init__(self, fingerprints: Array) -> None:
        self._order = np.argsort(fingerprints, kind="stable")
        self._sorted = fingerprints[self._order]
        finite = self._sorted[np.isfinite(self._sorted)]
        self._slack = SAME * max(float(np.abs(finite).max()) if len(finite) else 1.0, 1e-300)

    def find(self, fingerprints: Array) -> Array:
        """The number of the first such row for each, -1 where there is none."""
        if not len(self._sorted):
            return np.full(len(fingerprints), -1)
        at = np.searchsorted(self._sorted, fingerprints - self._slack)
        at = np.minimum(at, len(self._sorted) - 1)
        with np.errstate(invalid="ignore"):
            same = np.abs(self._sorted[at] - fingerprints) <= self._slack
        return np.where(same, self._order[at], -1)


def account_of_rows(
    account: LoopAccount,
    fed: Sequence[tuple[Array, Array]],
    x: tuple[Array, Array],
    y: Array,
    x_test: Array | None,
    looked_at: Array,
) -> None:
    """Fill in what follows from the rows. fed: fingerprints of inputs and targets of each step; x: those of the training
    rows; y: the targets; x_test: fingerprints of the test rows; looked_at: of rows
    that the loop asked its network about."""
    if not fed:
        return
    account.batch_sizes = [len(rows) for rows, _ in fed]
    account.rows = sum(account.batch_sizes)
    inputs, targets = (np.concatenate(parts) for parts in zip(*fed, strict=True))
    own_inputs, own_targets = x
    rows = Rows(own_inputs).find(inputs)
    known = rows >= 0
    account.known = float(known.mean())
    account.order = rows
    if x_test is not None and len(x_test):
        account.test = float(((Rows(x_test).find(inputs) >= 0) & ~known).mean())
    if not known.any():
        return
    first = Rows(own_inputs).find(own_inputs)  # rows of the same content are one
    first = np.where(first >= 0, first, np.arange(len(first)))  # and a row with NaN is like no other
    used = np.isin(first, rows[known])
    account.used = float(used.mean())
    if len(looked_at):
        held_out = np.isin(first, Rows(own_inputs).find(looked_at)) & ~used
        account.held_out = float(held_out.mean())
        used |= held_out
    account.unused = np.flatnonzero(~used)[:1000].tolist()
    labels = classes_of(y)
    _account_of_pairs(account, rows[known], targets[known], first, own_targets)
    _account_of_order(account, labels[rows[known]], rows)


def _account_of_pairs(account: LoopAccount, rows: Array, targets: Array, first: Array, own: Array) -> None:
    """A row that is there several times may have any of its targets."""
    slack = SAME * max(1.0, float(np.nanmax(np.abs(own))) if np.isfinite(own).any() else 1.0)
    alike = np.bincount(first, minlength=len(first)) > 1
    single = ~alike[rows]
    if not single.any():
        return
    with np.errstate(invalid="ignore"):
        same = np.abs(own[rows] - targets) <= slack
    same |= np.isnan(own[rows]) & np.isnan(targets)
    account.paired = float(same[single].mean())
    _, counts = np.unique(np.round(own, 9), return_counts=True)
    account.paired_by_chance = float(((counts / counts.sum()) ** 2).sum())


def _account_of_order(account: LoopAccount, labels: Array, rows: Array) -> None:
    n = account.n
    epochs = [rows[start : start + n] for start in range(0, len(rows) - n + 1, n)]
    account.same_order = len(epochs) > 1 and all(np.array_equal(epochs[0], epoch) for epoch in epochs[1:])
    # Of batches larger than a window, each is one: within a batch, order is nothing.
    size = int(max(WINDOW, np.median(account.batch_sizes)))
    count = len(labels) // size
    if count < 2 or labels.max(initial=0) < 1:
        return
    account.windows = _windows(labels[: count * size], size)
    account.windows_by_chance = _windows(np.random.default_rng(0).permutation(labels[: count * size]), size)


def _windows(labels: Array, size: int) -> float:
    whole = np.bincount(labels) / len(labels)
    return float(
        np.mean(
            [
                np.abs(np.bincount(part, minlength=len(whole)) / size - whole).sum() / 2
                for part in labels.reshape(-1, size)
            ]
        )
    )
