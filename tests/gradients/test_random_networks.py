"""The gradient check on correct networks of every kind: no false alarm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dense_network import ACTIVATIONS, Dense, Faulty, data, random_case, truth_table
from planted_faults import factor, is_accused_alone

from nnkit.gradients import check_gradients


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_random_correct_networks(hundred: int) -> None:
    # Seven activations (three conventions for the slope of ReLU at 0), three losses, up to three hidden layers, half
    # with zero biases, inputs of zeros, truth tables, batches of 1, 2, 7; one in seven in float32.
    resolved = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        network, x, y, words = random_case(seed)
        check = check_gradients(network, x, y)
        assert check.passed, f"{words}\n{check}"
        assert check.relative_error <= check.limit
        resolved += sum(p.verdict == "ok" for point in check.points for p in point.parameters)
    assert resolved > 1000, "a check that resolves nothing has no false alarms either"


def test_correct_networks_on_truth_tables_with_zero_biases() -> None:
    for table in ("and", "xor"):
        x, y = truth_table(table)
        for hidden in ACTIVATIONS:
            for sizes in ((2, 1), (2, 2, 1), (2, 3, 4, 1)):
                check = check_gradients(Dense(sizes, hidden, "bce", 5, zero_biases=True), x, y)
                assert check.passed, f"{table} {hidden} {sizes}\n{check}"
                kinked = len(sizes) > 2 and hidden not in ("sigmoid", "tanh", "softplus")
                assert bool(check.kinks) == kinked


def test_a_float32_network_that_hands_out_a_python_float() -> None:
    for seed in range(20):
        network = Dense((3, 4, 2), "tanh", "ce", seed, dtype=np.float32)
        network.loss = lambda x, y, loss=network.loss: float(loss(x, y))  # type: ignore[method-assign]
        check = check_gradients(network, *data((3, 4, 2), 7, "ce", seed))
        assert check.passed, str(check)
        assert 1e-4 < check.limit < 1e-1


def test_float32_inside_float64_parameters() -> None:
    class Inside(Dense):
        def _pass(self, x: Any) -> Any:
            copy = Dense((1, 1), "tanh", self.loss_name)
            copy.weights = [w.astype(np.float32) for w in self.weights]
            copy.biases = [b.astype(np.float32) for b in self.biases]
            return copy._pass(x)

    for seed in range(10):
        check = check_gradients(Inside((3, 4, 2), "tanh", "ce", seed), *data((3, 4, 2), 7, "ce", seed))
        assert check.passed, str(check)
        assert 1e-4 < check.limit < 1e-1
        assert check.points[0].parameters[0].verdict == "ok"


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_scale_of_the_loss_does_not_matter(scale: float) -> None:
    class Scaled(Dense):
        def loss(self, x: Any, y: Any) -> Any:
            return scale * super().loss(x, y)

        def gradients(self, x: Any, y: Any) -> Any:
            return [scale * g for g in super().gradients(x, y)]

    network, (x, y) = Scaled((3, 4, 1), "tanh"), data((3, 4, 1), 7, "bce", 0)
    assert check_gradients(network, x, y).passed
    assert is_accused_alone(check_gradients(Faulty(network, factor(2)), x, y), 2)


def test_a_dead_network_has_right_gradients_of_zero() -> None:
    network = Dense((2, 3, 1), "relu")
    network.biases[0][:] = -100.0
    network.biases[1][:] = 0.3
    check = check_gradients(network, *truth_table("and"), points=("start",))
    assert check.passed
    assert [p.verdict for p in check.points[0].parameters] == ["ok"] * 4
    assert check.points[0].parameters[0].relative_error == 0.0
