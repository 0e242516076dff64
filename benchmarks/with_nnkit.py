"""nnkit's epoch, by its own loop: shuffle, gather each batch, forward, backward, update."""

from __future__ import annotations

import numpy as np

from benchmarks.contestant import Contestant
from benchmarks.task import BATCH, LEARNING_RATE, Task
from nnkit.datasets import one_hot
from nnkit.subjects.shared import build
from nnkit.training import train


def nnkit_contestant(task: Task, threads: int) -> Contestant:
    network = build(task.sizes, 0, "float32", optimiser=task.rule)
    x, y, rng = task.x, one_hot(task.labels, dtype=np.float32), np.random.default_rng(0)

    def run(steps: int) -> None:
        # The loop notes the loss at its start and end: of one batch only, since the others here note nothing.
        train(
            network, x, y, steps=steps, learning_rate=LEARNING_RATE[task.rule], batch_size=BATCH, rng=rng,
            record_every=steps, watched=(x[:BATCH], y[:BATCH]),
        )  # fmt: skip

    return Contestant("nnkit", threads, run)
