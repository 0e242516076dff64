"""The gradient check on many networks: silent on a thousand correct ones, and not on any of the faults at any layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dense_network import ACTIVATIONS, LOSSES, Dense

from nnkit.gradients import check_gradients

HIDDEN = [name for name in ACTIVATIONS if name != "relu half"]
SIZES = [(2, 1), (2, 3, 1), (3, 4, 2), (4, 3, 3), (3, 5, 4, 2), (2, 4, 3, 3, 1)]


def batch(rng: np.random.Generator, sizes: tuple[int, ...], loss: str) -> tuple[Any, Any]:
    """Random inputs, among them the corners of a square with its (0, 0), and a row of zeros."""
    n = int(rng.choice([1, 2, 4, 7]))
    x = rng.standard_normal((n, sizes[0]))
    if rng.random() < 0.4:
        x = rng.integers(0, 2, x.shape).astype(float)
    if rng.random() < 0.3:
        x[0] = 0
    if loss == "ce":
        return x, np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]
    return x, rng.integers(0, 2, (n, sizes[-1])).astype(float)


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_correct_networks_raise_no_alarm(part: int) -> None:
    for number in range(100 * part, 100 * part + 100):
        rng = np.random.default_rng([7, number])
        sizes = SIZES[rng.integers(len(SIZES))]
        loss = str(rng.choice([loss for loss in LOSSES if loss != "ce" or sizes[-1] > 1]))
        hidden = str(rng.choice(HIDDEN))
        dtype = np.float32 if rng.random() < 0.15 else np.float64
        network = Dense(sizes, hidden, loss, seed=number, zero_biases=bool(rng.random() < 0.5), dtype=dtype)
        check = check_gradients(network, *batch(rng, sizes, loss), seed=number)
        assert not check.wrong, f"network {number}, {sizes} {hidden} {loss} {dtype.__name__}\n{check}"


class Spoiled:
    """A correct network, one gradient of which is changed."""

    def __init__(self, network: Dense, k: int, spoil: Any) -> None:
        self.network, self.k, self.spoil = network, k, spoil
        self.parameters, self.loss = network.parameters, network.loss

    def gradients(self, x: Any, y: Any) -> list[Any]:
        gradients = self.network.gradients(x, y)
        gradients[self.k] = self.spoil(gradients[self.k].copy(), self.network.parameters()[self.k])
        return gradients


def one_entry(factor: float) -> Any:
    def spoil(g: Any, _: Any) -> Any:
        g[1, 1] *= factor
        return g

    return spoil


FAULTS = {
    "a factor of 1.0001": lambda g, w: 1.0001 * g,
    "one entry one per cent too large": one_entry(1.01),
    "one entry of the wrong sign": one_entry(-1.0),
    "one entry zero": one_entry(0.0),
    "axes swapped": lambda g, w: g.T.copy(),
    "an undeclared L2 of 1e-5": lambda g, w: g + 1e-5 * w,
}


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "softplus"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_found_at_every_layer(fault: str, hidden: str, layer: int) -> None:
    rng = np.random.default_rng(3)
    network = Dense((4, 4, 4, 4), hidden, "bce", seed=5)
    x, y = rng.standard_normal((7, 4)), rng.integers(0, 2, (7, 4)).astype(float)
    names = ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert check_gradients(network, x, y, names=names).passed
    check = check_gradients(Spoiled(network, 2 * layer, FAULTS[fault]), x, y, names=names)
    assert {parameter.name for parameter in check.wrong} == {names[2 * layer]}, str(check)
