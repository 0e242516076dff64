"""The oracle against formulas worked out otherwise, and against itself."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit.diagnosis import Conventions, oracle
from nnkit.network import Network
from nnkit.training import GradientDescent

PAIRS = [("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"), ("identity", "mse"), ("tanh", "mse"),
         ("softmax", "mse"), ("softplus", "mse"), ("relu", "mse"), ("leaky_relu", "mse")]  # fmt: skip


def conventions(hidden: str = "tanh", output: str = "sigmoid", loss: str = "binary_cross_entropy") -> Conventions:
    return Conventions(hidden, output, loss, "float64")


def test_a_neuron_by_fractions() -> None:
    """z = 2 * 3 - 1 * 4 + 1/2 = 5/2: all of it exact in floats."""
    worked = oracle.work_out(
        [np.array([[2.0], [-1.0]]), np.array([0.5])], conventions(), np.array([3.0, 4.0]), np.array([1.0])
    )
    ((unit,),) = worked.layers
    assert unit.terms == (6.0, -4.0, 0.5)
    assert unit.z == 2.5
    assert unit.z_condition == 10.5
    assert unit.a == worked.output[0] == pytest.approx(1 / (1 + math.exp(-2.5)), rel=1e-15)
    assert worked.loss == pytest.approx(math.log1p(math.exp(-2.5)), rel=1e-15)


@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("sigmoid", 0.0, 0.5),
        ("tanh", 0.5, math.tanh(0.5)),
        ("relu", -3.0, 0.0),
        ("relu", 0.0, 0.0),
        ("relu", 3.0, 3.0),
        ("leaky_relu", -3.0, -0.03),
        ("leaky_relu", 3.0, 3.0),
        ("softplus", 0.0, math.log(2)),
        ("identity", -1.5, -1.5),
    ],
)
def test_activations(name: str, z: float, a: float) -> None:
    worked = oracle.work_out(
        [np.array([[1.0]]), np.array([0.0])], conventions(output=name, loss="mse"), np.array([z]), np.array([0.0])
    )
    assert worked.output[0] == pytest.approx(a, rel=1e-15)


def test_softmax_and_its_loss() -> None:
    parameters = [np.zeros((1, 3)), np.log([1.0, 2.0, 5.0])]
    worked = oracle.work_out(
        parameters, conventions(output="softmax", loss="cross_entropy"), np.zeros(1), np.array([0.0, 1.0, 0.0])
    )
    assert worked.output == pytest.approx([1 / 8, 2 / 8, 5 / 8], rel=1e-15)
    assert worked.loss == pytest.approx(math.log(4), rel=1e-15)


def test_squared_error_is_a_mean_over_the_outputs() -> None:
    worked = oracle.work_out(
        [np.zeros((1, 2)), np.array([1.0, 3.0])],
        conventions(output="identity", loss="mse"), np.zeros(1), np.array([0.0, 1.0]),
    )  # fmt: skip
    assert worked.loss == 2.5


def test_the_loss_of_a_batch_is_the_mean_of_its_samples() -> None:
    parameters = [np.zeros((1, 1)), np.array([1.0])]
    x, y = np.zeros((3, 1)), np.array([[1.0], [1.0], [0.0]])
    right, wrong = math.log1p(math.exp(-1)), math.log1p(math.exp(1))
    assert oracle.loss(parameters, conventions(), x, y) == pytest.approx((2 * right + wrong) / 3, rel=1e-15)


@pytest.mark.parametrize("z", [-1e4, -800.0, 800.0, 1e4])
def test_logits_far_beyond_floats(z: float) -> None:
    """A sure and wrong answer costs |z|, a sure and right one nothing."""
    for y in (0.0, 1.0):
        worked = oracle.work_out([np.zeros((1, 1)), np.array([z])], conventions(), np.zeros(1), np.array([y]))
        right = (z > 0) == (y == 1)
        assert worked.loss == pytest.approx(0.0 if right else abs(z), abs=1e-300)
        low, high = worked.loss_range
        assert low <= worked.loss <= high
        if right:
            assert -1.1e-7 < low < 0 < high < 1.1e-7
        else:
            assert low == pytest.approx(-math.log(1e-7), rel=1e-6)


@pytest.mark.parametrize("z", [30.0, 34.0, 40.0, 490.0])
def test_a_loss_of_1_minus_p_may_have_lost_its_digits(z: float) -> None:
    """1 - p of a sure answer is what rounding has left of it; the guard beside it may be as small as one likes."""
    p = 1 / (1 + np.exp(-z))
    worked = oracle.work_out([np.zeros((1, 1)), np.array([z])], conventions(), np.zeros(1), np.array([0.0]))
    low, high = worked.loss_range
    assert low <= -np.log(1 - p + 1e-300) <= high


def test_small_losses_of_sure_answers_keep_their_digits() -> None:
    worked = oracle.work_out([np.zeros((1, 1)), np.array([200.0])], conventions(), np.zeros(1), np.array([1.0]))
    assert worked.loss == pytest.approx(math.exp(-200), rel=1e-14)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity"])
def test_the_condition_bounds_the_rounding_of_a_real_network(hidden: str, output: str, loss: str) -> None:
    rng = np.random.default_rng(7)
    how = conventions(hidden, output, loss)
    for dtype in ("float64", "float32"):
        eps = float(np.finfo(dtype).eps)
        network = Network((3, 4, 2, 3), hidden=hidden, output=output, loss=loss, initialiser="normal",
                          update_rule=GradientDescent(), rng=rng, dtype=dtype)  # fmt: skip
        for _ in range(5):
            network.set_parameters([rng.normal(0, 1, p.shape).astype(dtype) for p in network.parameters()])
            x, y = rng.normal(0, 2, (1, 3)).astype(dtype), np.eye(3, dtype=dtype)[[rng.integers(3)]]
            worked = oracle.work_out(network.parameters(), how, x[0], y[0])
            ulps = np.abs(network.forward(x)[0] - worked.output) / (eps * worked.output_condition)
            assert ulps.max() < 3
            assert abs(network.loss(x, y) - worked.loss) < 3 * eps * worked.loss_condition


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=6, max_size=6),
    st.sampled_from(["tanh", "sigmoid", "softplus"]),
    st.sampled_from(["sigmoid", "identity"]),
)
def test_a_pass_depends_on_its_numbers_as_its_condition_says(numbers: list[float], hidden: str, output: str) -> None:
    """Move one weight by a part in 10^6: z and a move by no more than their conditions allow."""
    how = conventions(hidden, output, "mse")
    x, y = np.array([0.7, -1.2]), np.array([1.0])
    parameters = [np.array(numbers[:2]).reshape(2, 1), np.array(numbers[2:3]), np.array([[numbers[3]]]),
                  np.array(numbers[4:5])]  # fmt: skip
    before = oracle.work_out(parameters, how, x, y)
    parameters[0] = parameters[0] * (1 + 1e-6)
    after = oracle.work_out(parameters, how, x, y)
    for one, other in zip(before.layers, after.layers, strict=True):
        assert abs(one[0].z - other[0].z) <= 1.1e-6 * one[0].z_condition
        assert abs(one[0].a - other[0].a) <= 1.1e-6 * one[0].a_condition


def test_the_gradient_of_the_and_neuron_in_closed_form() -> None:
    """Sigmoid and cross-entropy: means of (p - y) x and of p - y."""
    x = np.array(list(product([0.0, 1.0], repeat=2)))
    y = np.array([[0.0], [0.0], [0.0], [1.0]])
    W, b = np.array([[0.3], [-0.8]]), np.array([0.1])
    delta = 1 / (1 + np.exp(-(x @ W + b))) - y
    dW, db = oracle.loss_gradient([W, b], conventions(), x, y)
    assert dW == pytest.approx(x.T @ delta / 4, rel=1e-14)
    assert db == pytest.approx(delta.mean(axis=0), rel=1e-14)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_the_gradient_is_that_of_backpropagation(output: str, loss: str) -> None:
    rng = np.random.default_rng(3)
    network = Network((2, 3, 2), hidden="tanh", output=output, loss=loss, initialiser="normal",
                      update_rule=GradientDescent(), rng=rng)  # fmt: skip
    x, y = rng.normal(0, 1, (2, 2)), np.eye(2)
    exact = oracle.loss_gradient(network.parameters(), conventions("tanh", output, loss), x, y)
    for ours, by_network in zip(exact, network.gradients(x, y), strict=True):
        assert ours == pytest.approx(by_network, rel=1e-11, abs=1e-14)


def test_an_unknown_loss() -> None:
    with pytest.raises(ValueError, match="huber"):
        oracle.loss_of("huber", [1], [0])


def test_ulps_are_differences_in_roundings_of_what_enters() -> None:
    found = oracle.ulps([3.0 + 4e-16, 1.0], np.array([3.0, 1.0]), np.array([2.0, 1.0]), 1e-16)
    np.testing.assert_allclose(found, [2.22, 0.0], atol=0.01)  # 4e-16 beside 3 is 4.4e-16 in floats


@pytest.mark.parametrize("code", [np.nan, np.inf, -np.inf])
def test_ulps_of_what_is_no_number_are_infinite(code: float) -> None:
    assert oracle.ulps(code, 1.0, 1.0, 1e-16) == np.inf
