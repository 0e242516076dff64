"""What can be had from these data: the score that a plain network of nnkit reaches on them in about a second.

It is no goal. It is what says whether a training that ends at 60 % has gone wrong or has a hard problem before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis import clock
from nnkit.diagnosis.score import kind_of, score
from nnkit.network.network import Network
from nnkit.training.optimisers import Adam

Array = npt.NDArray[Any]

#: rows that it is trained on at most; units; rate of Adam; how often it is looked at
ROWS, UNITS, RATE, BATCH = 6000, 64, 3e-3, 32
#: below this many rows none can be held out
FEW = 40


@dataclass(frozen=True)
class Attainable:
    """score: the best on rows that were held out (of too few rows: on all), on the way; on_training: the last on its own."""

    score: float
    on_training: float


def attainable(x: Array, y: Array, seconds: float = 1.0, seed: int = 0) -> Attainable:
    """Rows with NaN are left out, columns are standardised."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(x))[:ROWS]
    x = np.asarray(x[rows]).reshape(len(rows), -1).astype(np.float64)
    y = np.asarray(y[rows], dtype=np.float64)
    good = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    x, y, rows = x[good], y[good], np.arange(int(good.sum()))
    kind = kind_of(y)
    if kind == "classes":  # rows that name no class say nothing
        named = np.ptp(y, axis=1) > 0
        x, y, rows = x[named], y[named], np.arange(int(named.sum()))
    if len(x) < 2:
        return Attainable(float("nan"), float("nan"))
    held = rows[: len(rows) // 5] if len(rows) >= FEW else rows
    rows = rows[len(held) :] if len(rows) >= FEW else rows
    spread = x[rows].std(axis=0)
    x = (x - x[rows].mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    z = _for_training(y, kind, rows)
    output = {
        "classes": ("softmax", "cross_entropy"), "yes-no": ("sigmoid", "binary_cross_entropy"),
        "numbers": ("identity", "mse"),
    }[kind]  # fmt: skip
    network = Network(
        (x.shape[1], UNITS, UNITS // 2, y.shape[1]), hidden="relu", output=output[0], loss=output[1],
        initialiser="he", update_rule=Adam(), rng=rng,
    )  # fmt: skip
    end, best, last = clock.now() + seconds, -1.0, -1.0
    with np.errstate(all="ignore"):
        for _ in range(1000):
            for _ in range(max(1, 200 // max(1, -(-len(rows) // BATCH)))):
                for batch in np.array_split(rng.permutation(rows), max(1, len(rows) // BATCH)):
                    network.train_step(x[batch], z[batch], RATE)
            best = max(best, score(network.forward(x[held]), z[held], kind))
            last = score(network.forward(x[rows[:1000]]), z[rows[:1000]], kind)
            if clock.now() > end or best > 0.995 or last > 0.999:
                break
    return Attainable(best, last)


def _for_training(y: Array, kind: str, rows: Array) -> Array:
    """The same targets in the range of the output. Scores do not depend on it."""
    if kind == "classes":
        return np.asarray(np.eye(y.shape[1])[y.argmax(axis=1)])
    if kind == "yes-no":
        middle = (y.min() + y.max()) / 2
        return np.asarray(y > middle, dtype=np.float64)
    spread = y[rows].std(axis=0)
    return np.asarray((y - y[rows].mean(axis=0)) / np.where(spread > 0, spread, 1.0))
