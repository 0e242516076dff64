"""What everybody is timed on: the same images, network, batch, update rule and float type (float32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BATCH = 128
#: for the timing of epochs: it changes what is learned, not how long a step takes
LEARNING_RATE = {"momentum": 0.05, "adam": 0.001}


@dataclass(frozen=True)
class Task:
    """Train 784-hidden-10 (ReLU, softmax, cross-entropy) on x (n, 784), labels (n,), by an update rule."""

    hidden: int
    rule: str
    x: Array
    labels: Array

    @property
    def sizes(self) -> tuple[int, int, int]:
        return self.x.shape[1], self.hidden, 10

    @property
    def steps(self) -> int:
        """Updates in one epoch; the last batch is smaller where the batch size does not divide n."""
        return -(-len(self.x) // BATCH)

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))}, {self.rule}, batch {BATCH}, {len(self.x)} images, float32"


def made_up_images(n: int) -> tuple[Array, Array]:
    """Noise of MNIST's shape, four pixels in five black as there: a step takes as long on any numbers."""
    rng = np.random.default_rng(0)
    x = rng.random((n, 784), dtype=np.float32)
    x[x < 0.8] = 0
    return x, rng.integers(0, 10, n)
