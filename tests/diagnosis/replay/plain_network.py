"""A network in plain NumPy whose every operation can be replaced: the right ones are here, wrong ones come from the tests."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


class PlainNetwork:
    """tanh below, sigmoid above, mean squared error. `wrong` replaces methods by name: functions of the network and of
    what the method gets; a text is what an attribute declares."""

    def __init__(self, sizes: tuple[int, ...], seed: int, **wrong: Callable[..., Any] | str) -> None:
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, a**-0.5, (a, b)) for a, b in pairwise(sizes)]
        self.b = [np.zeros(b) for b in sizes[1:]]
        for name, method in wrong.items():
            setattr(self, name, method if isinstance(method, str) else method.__get__(self))

    def parameters(self) -> list[np.ndarray]:
        return [array for pair in zip(self.W, self.b, strict=True) for array in pair]

    def weighted(self, layer: int, a: np.ndarray) -> np.ndarray:
        return np.asarray(a @ self.W[layer] + self.b[layer])

    def activation(self, layer: int, z: np.ndarray) -> np.ndarray:
        return np.tanh(z) if layer < len(self.W) - 1 else sigmoid(z)

    def passes(self, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        a, z = [x], []
        for layer in range(len(self.W)):
            z.append(self.weighted(layer, a[-1]))
            a.append(self.activation(layer, z[-1]))
        return a, z

    def forward(self, x: np.ndarray) -> np.ndarray:
        return self.passes(x)[0][-1]

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        return float(np.mean((self.forward(x) - y) ** 2))

    def output_delta(self, p: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.asarray(2 * (p - y) / p.size * p * (1 - p))

    def slope(self, layer: int, a: np.ndarray, z: np.ndarray) -> np.ndarray:
        return 1 - a**2

    def down(self, layer: int, delta: np.ndarray) -> np.ndarray:
        return np.asarray(delta @ self.W[layer].T)

    def weight_gradient(self, layer: int, a: list[np.ndarray], z: list[np.ndarray], delta: np.ndarray) -> np.ndarray:
        return np.asarray(a[layer].T @ delta)

    def bias_gradient(self, layer: int, delta: np.ndarray) -> np.ndarray:
        return np.asarray(delta.sum(axis=0))

    def gradients(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        a, z = self.passes(x)
        delta, found = self.output_delta(a[-1], y), []
        for layer in range(len(self.W) - 1, -1, -1):
            found = [self.weight_gradient(layer, a, z, delta), self.bias_gradient(layer, delta), *found]
            if layer:
                delta = self.down(layer, delta) * self.slope(layer, a[layer], z[layer - 1])
        return found

    def train_step(self, x: np.ndarray, y: np.ndarray, learning_rate: float) -> None:
        for parameter, gradient in zip(self.parameters(), self.gradients(x, y), strict=True):
            parameter -= learning_rate * gradient  # noqa: PLW2901
