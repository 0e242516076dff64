"""Comparing batch sizes: the same network, the same number of samples seen, in batches of several sizes (source S1.3).

Large batches make smooth and quick epochs, and fewer steps; small ones are noisy and slow, and often better on test data
(Keskar et al. 2017). Which of it holds here is measured: seconds, training loss and test loss after every epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.training.loop import minibatches

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class BatchSizeRun:
    """One training. learning_rate: held throughout; steps: taken in all; seconds: spent in them, the looking not counted.

    train_loss, test_loss: before the first epoch and after each; the test's are NaN where there are no test data. After
    a loss that is no number there are no further ones.
    """

    batch_size: int
    learning_rate: float
    steps: int
    seconds: float
    train_loss: Array
    test_loss: Array


def compare_batch_sizes(
    build: Callable[[], Any],
    x: Array,
    y: Array,
    *,
    sizes: Sequence[int] = (1, 8, 32, 128, 512),
    epochs: int = 5,
    learning_rate: float | Callable[[int], float] = 0.1,
    test: tuple[Array, Array] | None = None,
    seed: int = 0,
) -> list[BatchSizeRun]:
    """Train a fresh `build()` with each of the batch sizes for so many epochs; samples come in the same order for all.

    learning_rate: one for all, or what it is for a batch size: `lambda size: 0.01 * size / 32` keeps steps in proportion
    to the batch (Goyal et al. 2017), `lambda size: suggest_rate(build, x, y, batch_size=size).rate` finds each its own.
    A size above the number of samples is all of them, once.
    """
    if any(size < 1 for size in sizes):
        raise ValueError(f"a batch holds at least one sample; got sizes {', '.join(map(str, sizes))}")
    distinct = list(dict.fromkeys(min(int(size), len(x)) for size in sizes))
    return [
        _run(build(), x, y, size, epochs, learning_rate(size) if callable(learning_rate) else learning_rate, test, seed)
        for size in distinct
    ]


def _run(
    network: Any, x: Array, y: Array, size: int, epochs: int, rate: float, test: tuple[Array, Array] | None, seed: int
) -> BatchSizeRun:
    train_loss, test_loss, seconds, steps = [], [], 0.0, 0
    rng = np.random.default_rng(seed)

    def look() -> None:
        train_loss.append(float(network.loss(x, y)))
        test_loss.append(float(network.loss(*test)) if test is not None else float("nan"))

    with np.errstate(all="ignore"):
        look()
        batches = minibatches(len(x), size, rng)
        for _ in range(epochs):
            begin = time.perf_counter()
            for _ in range(-(-len(x) // size)):
                batch = next(batches)
                network.train_step(x[batch], y[batch], rate)
                steps += 1
            seconds += time.perf_counter() - begin
            look()
            if not np.isfinite(train_loss[-1]):
                break
    return BatchSizeRun(size, rate, steps, seconds, np.array(train_loss), np.array(test_loss))
