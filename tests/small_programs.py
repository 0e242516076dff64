"""Small training programs: three clouds of points, told apart by a network of eight units in a few hundred steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnkit.network.network import Network
from nnkit.subjects.program import Program, plain_fit
from nnkit.training.optimisers import GradientDescent

SIZES = (6, 12, 3)


def clouds(n: int = 240, seed: int = 0) -> tuple[Any, Any]:
    """Three clouds in six dimensions, some overlap between them; in random order."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 1.0, (3, 6))
    labels = rng.integers(0, 3, n)
    return centres[labels] + rng.normal(0, 0.7, (n, 6)), np.eye(3)[labels]


class Plain:
    """nnkit's network by its five methods, with first weights and updates that a test may spoil."""

    def __init__(
        self,
        sizes: Sequence[int],
        seed: int,
        start: Callable[[Any], Any] = lambda W: W,
        step: Callable[[Any, Any, float], Any] | None = None,
        **options: Any,
    ) -> None:
        options = {"hidden": "tanh", "output": "softmax", "loss": "cross_entropy", "initialiser": "glorot", **options}
        rng = np.random.default_rng(seed)
        self.network = Network(sizes, update_rule=GradientDescent(), rng=rng, **options)
        self._step = step
        for W in self.network.parameters()[::2]:
            W[...] = start(W.copy())

    def parameters(self) -> Any:
        return self.network.parameters()

    def forward(self, x: Any) -> Any:
        return self.network.forward(x)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, y)

    def gradients(self, x: Any, y: Any) -> Any:
        return self.network.gradients(x, y)

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        gradients = self.gradients(x, y)
        if self._step is not None:
            self._step(self, gradients, learning_rate)
            return
        for p, g in zip(self.parameters(), gradients, strict=True):
            p[...] -= learning_rate * g


def program(
    data: tuple[Any, Any] | None = None,
    *,
    rate: Any = 0.5,
    batch_size: int = 16,
    epochs: int = 12,
    sizes: tuple[int, ...] = SIZES,
    fit: Any = None,
    test: tuple[Any, Any] | None = None,
    accuracy: Any = None,
    **network: Any,
) -> Program:
    x, y = clouds() if data is None else data
    x_test, y_test = clouds(200, 1) if test is None else test
    return Program(
        lambda sizes, seed: Plain(sizes, seed, **network), sizes, x, y, fit or plain_fit(rate, batch_size, epochs),
        x_test, y_test, own_loop=fit is not None, accuracy=accuracy, name="small",
    )  # fmt: skip
