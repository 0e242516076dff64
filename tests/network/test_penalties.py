from __future__ import annotations

import numpy as np
import pytest

from nnkit.network import Network
from nnkit.network.penalties import Penalty
from nnkit.training import GradientDescent

W1, W2 = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[-4.0], [0.5]])


def make(**options):
    network = Network(
        (2, 2, 1), hidden="tanh", output="identity", loss="mse", initialiser="glorot", update_rule=GradientDescent(),
        rng=np.random.default_rng(0), **options,
    )  # fmt: skip
    for parameter, value in zip(network.parameters(), (W1, [10.0, -10.0], W2, [100.0]), strict=True):
        parameter[...] = value
    return network


X, Y = np.array([[0.2, -0.4], [1.0, 0.3], [-0.5, 0.1]]), np.array([[1.0], [0.0], [-2.0]])


@pytest.mark.parametrize(
    ("options", "extra"),
    [
        ({"l1": 0.5}, 0.5 * (1 + 2 + 3 + 4 + 0.5)),
        ({"l2": 0.5}, 0.5 / 2 * (1 + 4 + 9 + 16 + 0.25)),
        ({"l1": 0.1, "l2": 0.2}, 0.1 * 10.5 + 0.1 * 30.25),
    ],
)
def test_the_loss_grows_by_the_penalty_of_the_weights_without_the_biases(options, extra):
    assert make(**options).loss(X, Y) - make().loss(X, Y) == pytest.approx(extra, rel=1e-12)


@pytest.mark.parametrize("options", [{"l1": 0.5}, {"l2": 0.5}, {"l1": 0.1, "l2": 0.2}])
def test_the_gradient_grows_by_its_slope(options):
    l1, l2 = options.get("l1", 0), options.get("l2", 0)
    added = [
        with_it - without
        for with_it, without in zip(make(**options).gradients(X, Y), make().gradients(X, Y), strict=True)
    ]
    np.testing.assert_allclose(added[0], l1 * np.array([[1, -1], [0, 1]]) + l2 * W1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(added[2], l1 * np.array([[-1], [1]]) + l2 * W2, rtol=0, atol=1e-12)
    assert not added[1].any() and not added[3].any()


def test_training_descends_by_it_too():
    network = make(l1=0.1, l2=0.2)
    expected = [p - 0.3 * g for p, g in zip(network.parameters(), network.gradients(X, Y), strict=True)]
    network.train_step(X, Y, 0.3)
    for parameter, value in zip(network.parameters(), expected, strict=True):
        np.testing.assert_allclose(parameter, value, rtol=1e-13)


def test_l2_in_plain_descent_is_weight_decay():
    """A step with l2 is one without, from weights that are (1 - eta l2) times as large (source S4.2)."""
    with_it, without = make(l2=0.5), make()
    with_it.train_step(X, Y, 0.1)
    without.train_step(X, Y, 0.1)
    np.testing.assert_allclose(with_it.parameters()[0], without.parameters()[0] - 0.05 * W1, rtol=1e-12)
    np.testing.assert_allclose(with_it.parameters()[1], without.parameters()[1], rtol=1e-12)


def test_l1_brings_useless_weights_to_zero_and_l2_only_near():
    for options, small in (({"l1": 0.05}, True), ({"l2": 0.05}, False)):
        network = make(**options)
        network.set_parameters([np.full((2, 2), 0.3), np.zeros(2), np.full((2, 1), 0.3), np.zeros(1)])
        x = np.random.default_rng(0).normal(size=(50, 2))
        x[:, 1] = 0  # of no use to anything
        for _ in range(300):
            network.train_step(x, x[:, :1], 0.05)
        W = network.parameters()[0]
        assert (np.abs(W[1]) <= 0.05 * 0.05).all() == small  # L1 steps to and fro across 0, by rate times l1
        assert (np.abs(W[0]) > 0.1).all()


def test_float32_stays():
    network = make(l1=0.1, l2=0.2, dtype="float32")
    assert {gradient.dtype.name for gradient in network.gradients(X, Y)} == {"float32"}
    assert network.loss(X, Y) == pytest.approx(make(l1=0.1, l2=0.2).loss(X, Y), rel=1e-6)
    assert Penalty(0.1, 0.2).value([W1.astype("f4")]).dtype == np.float32
