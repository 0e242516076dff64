"""`python -m benchmarks.curvature`: what the curvature of the loss costs as networks grow, and what is found.

Each network is trained for a few steps on noise of MNIST's shape. Small ones have their whole Hessian beside the two
extreme eigenvalues by Lanczos's iteration; of large ones the whole Hessian would not fit into memory.
"""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np

from benchmarks.table import columns
from benchmarks.task import made_up_images
from nnkit.datasets import one_hot
from nnkit.gradients import Parameters, StationaryPoint, gradient_of, stationary_point
from nnkit.gradients.hessian import EXACT
from nnkit.subjects import shared

SIZES = ((4, 6, 10), (10, 12, 10), (784, 10), (784, 30, 10), (784, 100, 10))
IMAGES, STEPS, RATE = 1000, 50, 0.1


def timed(sizes: tuple[int, ...], exact_up_to: int) -> tuple[float, StationaryPoint]:
    """(seconds, what was found)."""
    x, labels = made_up_images(IMAGES)
    x, y = x[:, : sizes[0]].astype(np.float64), one_hot(labels)
    network = shared.build(sizes, 0, hidden="tanh")
    for _ in range(STEPS):
        network.train_step(x, y, RATE)
    parameters = Parameters(network)
    with parameters.kept():
        begin = time.perf_counter()
        found = stationary_point(gradient_of(network, x, y), parameters.read(), exact_up_to=exact_up_to)
        return time.perf_counter() - begin, found


def main() -> None:
    rows = [("network", "parameters", "by", "seconds", "least", "greatest", "off by at most")]
    for sizes in SIZES:
        for by, limit in (("whole Hessian", EXACT), ("Lanczos", 0)):
            size = sum((a + 1) * b for a, b in pairwise(sizes))
            if limit and size > limit:
                continue
            seconds, found = timed(sizes, limit)
            rows.append((
                "-".join(map(str, sizes)), f"{size:,}", by, f"{seconds:.2f}", f"{found.eigenvalues[0]:.6f}",
                f"{found.eigenvalues[-1]:.6f}", f"{found.tolerance:.0e}",
            ))  # fmt: skip
    print(columns(rows))
    print(f"\nthe loss on {IMAGES:,} made-up images, after {STEPS} steps of training")


if __name__ == "__main__":
    main()
