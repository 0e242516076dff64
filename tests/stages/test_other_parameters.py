"""A network whose parameters are no weights and biases of layers: what needs to know them is not checked, the rest is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from nnkit.testing import assert_climbs


class WeightNormalised:
    """Three arrays a layer: the weights into a unit are g v / |v|, of one direction v and one length g for each unit."""

    def __init__(self, sizes: tuple[int, ...], seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.layers = [(rng.normal(size=(m, n)), np.ones(n), np.zeros(n)) for m, n in pairwise(sizes)]

    def parameters(self) -> list[Any]:
        return [array for layer in self.layers for array in layer]

    def passes(self, x: Any) -> tuple[list[Any], list[Any], list[Any]]:
        activations, weights, lengths = [x], [], []
        for v, g, b in self.layers:
            lengths.append(np.sqrt((v * v).sum(axis=0)))
            weights.append(g * v / lengths[-1])
            activations.append(np.tanh(activations[-1] @ weights[-1] + b))
        return activations, weights, lengths

    def forward(self, x: Any) -> Any:
        return 0.5 + 0.5 * self.passes(x)[0][-1]

    def loss(self, x: Any, y: Any) -> Any:
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x: Any, y: Any) -> list[Any]:
        a, weights, lengths = self.passes(x)
        up, found = (0.5 + 0.5 * a[-1] - y) / y.size, []
        for k in reversed(range(len(weights))):
            delta = up * (1 - a[k + 1] ** 2)
            (v, g, _), dw = self.layers[k], a[k].T @ delta
            dg = (dw * v).sum(axis=0) / lengths[k]
            found = [g / lengths[k] * (dw - dg * v / lengths[k]), dg, delta.sum(axis=0), *found]
            up = delta @ weights[k].T
        return found

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in zip(self.parameters(), self.gradients(x, y), strict=True):
            p[...] -= learning_rate * g


def test_it_climbs() -> None:
    assert_climbs(WeightNormalised, until=5)
