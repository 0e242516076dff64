from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nnkit
from nnkit.datasets import truth_table
from nnkit.subjects.shared import build

X, Y = truth_table("xor")


def test_every_update_of_a_network_is_seen_and_then_it_is_as_it_was(tmp_path: Path) -> None:
    alone, network = build((2, 4, 1), 0), build((2, 4, 1), 0)
    before = dict(vars(network)) if hasattr(network, "__dict__") else {}
    with nnkit.watch(network, X, Y, page=tmp_path / "t.html") as seen:
        for _ in range(100):
            network.train_step(X, Y, 0.5)
    for _ in range(100):
        alone.train_step(X, Y, 0.5)
    for watched, other in zip(network.parameters(), alone.parameters(), strict=True):
        np.testing.assert_array_equal(watched, other)
    assert set(vars(network)) == set(before)
    trace = seen.trace
    assert seen.steps == 100 and trace.steps[-1] == 100 and set(trace.rates) == {0.5}
    assert trace.loss[-1] == pytest.approx(network.loss(X, Y)) and len(trace.layers) == 2
    assert (tmp_path / "t.html").is_file()


def test_test_data_and_returned_losses_are_seen_too() -> None:
    class Line:
        def __init__(self) -> None:
            self.w = np.zeros((1, 1))

        def parameters(self) -> list[np.ndarray]:
            return [self.w]

        def forward(self, x: np.ndarray) -> np.ndarray:
            return x @ self.w

        def train_step(self, x: np.ndarray, y: np.ndarray, learning_rate: float) -> float:
            error = x @ self.w - y
            self.w = self.w - learning_rate * x.T @ error / len(x)
            return float(np.mean(error**2))

    x = np.linspace(-1, 1, 20)[:, None]
    line = Line()
    with nnkit.watch(line, x, 3 * x, x + 0.1, 3 * x + 0.3, page=None) as seen:
        for _ in range(50):
            line.train_step(x, 3 * x, learning_rate=0.5)
    assert len(seen.losses) == 50 and seen.trace.test_score[-1] > 0.9
    assert seen.trace.loss[0] == pytest.approx(seen.losses[0])


def test_a_network_on_which_nothing_can_be_set_is_told() -> None:
    class Fixed:
        __slots__ = ()

        def train_step(self, x: object, y: object, learning_rate: float) -> None: ...

    with pytest.raises(TypeError, match="__slots__"):
        nnkit.watch(Fixed(), X, Y)
