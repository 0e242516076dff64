"""The floor: only the five matrix products of a step, on batches that lie ready, into arrays that lie ready.

    z1 = x W1    z2 = a1 W2    dW2 = a1^T d2    d1 = d2 W2^T    dW1 = x^T d1

No training step in NumPy can be quicker, so the ratio to this says how much is overhead.
"""

from __future__ import annotations

import numpy as np

from benchmarks.contestant import Contestant
from benchmarks.task import BATCH, Task


def products_contestant(task: Task, threads: int) -> Contestant:
    d_in, hidden, d_out = task.sizes
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(size=(d_in, hidden)).astype("f4"), rng.normal(size=(hidden, d_out)).astype("f4")
    dW1, dW2 = np.empty_like(W1), np.empty_like(W2)
    a1, d1 = np.empty((BATCH, hidden), "f4"), np.empty((BATCH, hidden), "f4")
    z2, d2 = np.empty((BATCH, d_out), "f4"), rng.normal(size=(BATCH, d_out)).astype("f4")
    starts = range(0, len(task.x), BATCH)

    def run(steps: int) -> None:
        for start in starts[:steps]:
            x = task.x[start : start + BATCH]
            n = len(x)
            np.matmul(x, W1, out=a1[:n])
            np.matmul(a1[:n], W2, out=z2[:n])
            np.matmul(a1[:n].T, d2[:n], out=dW2)
            np.matmul(d2[:n], W2.T, out=d1[:n])
            np.matmul(x.T, d1[:n], out=dW1)

    return Contestant("bare products", threads, run)
