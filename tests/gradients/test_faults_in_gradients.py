"""The gradient check on networks with a fault: found, at the right parameter, at every layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dense_network import Dense, Faulty, data, sigmoid, truth_table
from planted_faults import FAULTS, factor, is_accused_alone, middle, one_entry

from nnkit.gradients import check_gradients


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("hidden", "zero_biases"),
    # smooth; with kinks somewhere; with kinks right here, by both conventions for the slope at 0, which excuse no fault
    [("tanh", False), ("softplus", False), ("relu", False), ("relu", True), ("relu one", True), ("leaky", True)],
)
def test_each_fault_is_found_at_every_layer(fault: str, hidden: str, zero_biases: bool) -> None:
    network = Dense((3, 3, 3, 3), hidden, "ce", 1, zero_biases)
    x, y = data((3, 3, 3, 3), 7, "ce", 1, zero_rows=zero_biases)
    for k in range(0, 6, 2 if "L2" in fault or "axes" in fault else 1):
        faulty = Faulty(network, FAULTS[fault](k))
        pairs = zip(network.gradients(x, y), faulty.gradients(x, y), strict=True)
        if all(np.array_equal(right, wrong) for right, wrong in pairs):
            # ReLU: this entry is 0 here, and 1 % more or minus that is no fault.
            continue
        check = check_gradients(faulty, x, y)
        assert is_accused_alone(check, k), f"parameter {k}\n{check}"
        if "entry" in fault:
            for parameter in check.wrong:
                assert parameter.wrong_entries == [middle(network.parameters()[k])]


@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize("fault", ["factor 1.0001", "undeclared L2 of 1e-5", "entry zeroed"])
def test_faults_are_found_with_other_losses(loss: str, fault: str) -> None:
    network, (x, y) = Dense((2, 4, 3, 1), "tanh", loss, 3), data((2, 4, 3, 1), 7, loss, 3)
    for k in (0, 2, 4):
        assert is_accused_alone(check_gradients(Faulty(network, FAULTS[fault](k)), x, y), k)


@pytest.mark.parametrize("small", [1e-3, 1e-5, 1e-7])
def test_a_wrong_entry_far_smaller_than_its_neighbours(small: float) -> None:
    # One input is tiny, so its weights' gradients are; as part of the whole, the error is below the limit.
    network, (x, y) = Dense((3, 4, 2), "tanh", "ce", 2), data((3, 4, 2), 7, "ce", 2)
    x[:, 1] *= small
    for new in (lambda g: 0.0, lambda g: -g, lambda g: 1.1 * g):
        check = check_gradients(Faulty(network, one_entry(0, new)), x, y)
        assert is_accused_alone(check, 0), str(check)
        assert all(p.wrong_entries == [(1, 2)] for p in check.wrong)
        assert check.relative_error > check.limit
    assert check_gradients(network, x, y).passed


def test_epsilon_in_the_logarithm_is_found_where_the_output_saturates() -> None:
    class EpsilonInLog(Dense):
        def loss(self, x: Any, y: Any) -> Any:
            p = sigmoid(self._pass(x)[0][-1])
            return -np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7))

    x, y = truth_table("xor")
    for seed in range(5):
        network = EpsilonInLog((2, 3, 1), "tanh", "bce", seed)
        assert not check_gradients(network, x, y).passed
        # a checker with a looser limit and one point would see nothing
        start, saturated = check_gradients(network, x, y, points=("start", "saturated"), limit=1e-3).points
        assert (start.passed, saturated.passed) == (True, False)


@pytest.mark.parametrize(("at_zero", "right"), [(0.0, True), (0.3, True), (1.0, True), (2.0, False), (-0.5, False)])
def test_the_slope_of_relu_at_zero_may_be_anything_between(at_zero: float, right: bool) -> None:
    network = Dense((2, 3, 1), "relu", "bce", 4, zero_biases=True)
    network.hidden = (network.hidden[0], lambda z: np.where(z == 0, at_zero, z > 0))
    check = check_gradients(network, *truth_table("and"))
    start = check.points[0]
    assert start.passed == right, str(check)
    if right:
        assert start.parameters[1].verdict == "kinked"
        assert start.parameters[1].kinked_entries == [(0,), (1,), (2,)]
    else:
        assert start.parameters[1].wrong_entries == [(0,), (1,), (2,)]
        assert {p.name for p in check.wrong} == {"parameter 1"}


def test_kinked_entries_are_judged_beside_the_kink() -> None:
    # Half of the bias gradient is missing; at the kink that lies between the slopes, as a convention would.
    x, y = truth_table("and")
    network = Dense((2, 3, 1), "relu one", "bce", 4, zero_biases=True)
    check = check_gradients(Faulty(network, factor(1, 0.5)), x[:1], y[:1], points=("start",))
    assert check.points[0].parameters[1].wrong > 0, str(check)
    assert not check.passed
    assert check_gradients(network, x[:1], y[:1], points=("start",)).passed


def test_kinks_are_seen_in_the_loss_alone() -> None:
    x, y = truth_table("xor")
    network = Dense((2, 3, 1), "relu", "bce", 4, zero_biases=True)
    honest = check_gradients(network, x, y, points=("start",))
    assert honest.kinks > 0
    # a gradient equal to the mean of the slopes agrees with a central difference, and is at a kink all the same
    half = Dense((2, 3, 1), "relu half", "bce", 4, zero_biases=True)
    assert check_gradients(half, x, y, points=("start",)).kinks == honest.kinks


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_float32_faults_above_its_limit_are_found(k: int) -> None:
    network, (x, y) = Dense((3, 4, 2), "tanh", "ce", 0, dtype=np.float32), data((3, 4, 2), 7, "ce", 0)
    assert is_accused_alone(check_gradients(Faulty(network, factor(k, 1.05)), x, y), k)
