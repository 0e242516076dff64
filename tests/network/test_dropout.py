from __future__ import annotations

import numpy as np
import pytest

from nnkit.network import ACTIVATIONS, Network
from nnkit.training import GradientDescent, Momentum

SIZES = (3, 5, 4, 2)


def make(*, hidden="tanh", rule=GradientDescent, seed=0, sizes=SIZES, **options):
    return Network(
        sizes, hidden=hidden, output="identity", loss="mse", initialiser="glorot", update_rule=rule(),
        rng=np.random.default_rng(seed), **options,
    )  # fmt: skip


def batch(n=6, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 2))


def thinned_loss(parameters, hidden, masks, x, y):
    """The loss of the network whose units the masks leave out, written down on its own."""
    a = x
    for W, b, mask in zip(parameters[:-2:2], parameters[1:-2:2], masks, strict=True):
        a = ACTIVATIONS[hidden].value(a @ W + b, None) * mask
    difference = a @ parameters[-2] + parameters[-1] - y
    return (difference**2).sum() / y.size


@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
def test_a_step_descends_along_the_slope_of_the_thinned_network(hidden):
    """With plain descent and a rate of 1, the step is the gradient: compared with the complex-step derivative."""
    network, p = make(hidden=hidden, dropout=0.4), 0.4
    x, y = batch()
    rng = np.random.default_rng(0).spawn(1)[0]  # the network's own, from the seed that it was made with
    for _ in range(2):
        masks = [(rng.random((len(x), width), np.float32) >= p) / (1 - p) for width in SIZES[1:-1]]
        before = [parameter.copy() for parameter in network.parameters()]
        network.train_step(x, y, 1.0)
        for number, parameter in enumerate(network.parameters()):
            slopes = np.empty_like(parameter)
            for index in np.ndindex(parameter.shape):
                nudged = [value.astype(complex) for value in before]
                nudged[number][index] += 1e-30j
                slopes[index] = thinned_loss(nudged, hidden, masks, x, y).imag / 1e-30
            np.testing.assert_allclose(before[number] - parameter, slopes, rtol=1e-12, atol=1e-14)


def test_forward_loss_and_gradients_know_nothing_of_it():
    network, plain = make(dropout=0.5), make()
    x, y = batch()
    for _ in range(2):
        np.testing.assert_array_equal(network.forward(x), plain.forward(x))
        assert network.loss(x, y) == plain.loss(x, y)
        for one, other in zip(network.gradients(x, y), plain.gradients(x, y), strict=True):
            np.testing.assert_array_equal(one, other)


def test_on_average_a_thinned_unit_sends_up_what_a_whole_one_does():
    """d loss / d b2 = 2 (p - y) / n: linear in the hidden units, so its mean over many masks is that without masks."""
    p, x, y = 0.3, np.ones((4000, 3)), np.zeros((4000, 1))
    network = make(sizes=(3, 5, 1), dropout=p)
    whole = network.gradients(x, y)[-1][0]
    bias = network.parameters()[-1].copy()
    network.train_step(x, y, 1.0)
    a = np.tanh(x[:1] @ make(sizes=(3, 5, 1)).parameters()[0])
    sent = (a * make(sizes=(3, 5, 1)).parameters()[2].T).ravel()
    deviation = 2 * np.sqrt((sent**2).sum() * p / (1 - p) / 4000)
    assert (bias - network.parameters()[-1])[0] == pytest.approx(whole, abs=4 * deviation)
    assert deviation < abs(whole) / 10


def train(network, steps=8):
    for step in range(steps):
        network.train_step(*batch(seed=step), 0.1)
    return np.concatenate([parameter.ravel() for parameter in network.parameters()])


def test_the_seed_decides_what_is_left_out_and_looking_changes_nothing():
    first, again, other, plain = (
        make(rule=Momentum, seed=seed, dropout=p) for seed, p in ((1, 0.5), (1, 0.5), (2, 0.5), (1, 0.0))
    )
    np.testing.assert_array_equal(
        np.concatenate([p.ravel() for p in first.parameters()]), np.concatenate([p.ravel() for p in plain.parameters()])
    )
    again.loss(*batch())
    again.gradients(*batch())
    with pytest.raises(ValueError, match="expected x"):
        again.train_step(np.zeros((4, 2)), np.zeros((4, 2)), 0.1)
    trained = train(first)
    np.testing.assert_array_equal(trained, train(again))
    assert (trained != train(other)).any() and (trained != train(plain)).any()


def test_what_the_generator_is_used_for_elsewhere_does_not_matter():
    rngs, weights = [np.random.default_rng(0) for _ in range(2)], []
    for rng, drawn in zip(rngs, (0, 100), strict=True):
        network = Network(
            SIZES, hidden="relu", output="identity", loss="mse", initialiser="he", update_rule=GradientDescent(),
            rng=rng, dropout=0.5,
        )  # fmt: skip
        rng.random(drawn)
        weights.append(train(network))
    np.testing.assert_array_equal(*weights)


def test_float32_stays_and_drops_the_same_units():
    one, other = make(dropout=0.5, dtype="float32"), make(dropout=0.5)
    np.testing.assert_allclose(train(one), train(other), rtol=0, atol=1e-5)
    assert {parameter.dtype.name for parameter in one.parameters()} == {"float32"}


def test_without_hidden_units_nothing_is_left_out():
    x, y = batch()
    one, other = make(sizes=(3, 2), dropout=0.9), make(sizes=(3, 2))
    one.train_step(x, y, 0.1)
    other.train_step(x, y, 0.1)
    np.testing.assert_array_equal(one.parameters()[0], other.parameters()[0])
