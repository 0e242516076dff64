from __future__ import annotations

import numpy as np
import pytest

from nnkit.network import ACTIVATIONS
from nnkit.subjects.shared import build
from nnkit.training import OPTIMISERS


@pytest.mark.parametrize(
    ("sizes", "options", "output", "loss"),
    [
        ((2, 1), {}, "sigmoid", "binary_cross_entropy"),
        ((784, 30, 10), {}, "softmax", "cross_entropy"),
        ((2, 1), {"loss": "mse"}, "sigmoid", "mse"),
        ((2, 3), {"loss": "mse"}, "softmax", "mse"),
        ((2, 3), {"loss": "binary_cross_entropy"}, "sigmoid", "binary_cross_entropy"),
        ((2, 3), {"output": "sigmoid"}, "sigmoid", "binary_cross_entropy"),
        ((2, 1), {"output": "identity"}, "identity", "mse"),
        ((2, 3), {"output": "tanh"}, "tanh", "mse"),
        ((2, 1), {"output": "sigmoid", "loss": "mse"}, "sigmoid", "mse"),
    ],
)
def test_what_is_left_out_follows_from_the_rest(sizes, options, output, loss):
    network = build(sizes, 0, **options)
    assert (network.sizes, network.output, network.loss_function) == (sizes, output, loss)
    assert network.hidden == "relu"


@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
def test_weights_start_at_the_scale_that_suits_the_hidden_layers(hidden):
    W = build((300, 200, 1), 0, hidden=hidden).parameters()[0]
    variance = 2 / 300 if hidden in ("relu", "leaky_relu", "softplus") else 2 / 500
    assert W.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / W.size))  # five standard errors


def test_the_seed_decides():
    first, again, other = (build((2, 3, 1), seed).parameters()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_float_type(dtype):
    assert {parameter.dtype.name for parameter in build((2, 3, 1), 0, dtype).parameters()} == {dtype}


def test_float64_is_what_one_gets():
    assert build((2, 1), 0).parameters()[0].dtype == np.float64


@pytest.mark.parametrize("name", sorted(OPTIMISERS))
def test_optimiser(name):
    assert isinstance(build((2, 1), 0, optimiser=name).update_rule, OPTIMISERS[name])


def test_momentum_is_what_one_gets_and_no_two_networks_share_it():
    one, other = build((2, 1), 0), build((2, 1), 0)
    assert one.update_rule.name == "momentum"
    assert one.update_rule is not other.update_rule


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimiser": "sgd"}, "optimiser is one of gradient_descent, momentum, nesterov, .*, adam, .*; got 'sgd'"),
        ({"initialiser": "xavier"}, "initialiser is one of"),
        ({"hidden": "sine"}, "hidden activation is one of"),
        ({"loss": "hinge"}, "no such pair"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(options, message):
    with pytest.raises(ValueError, match=message):
        build((2, 1), 0, **options)


@pytest.mark.parametrize("hidden", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("optimiser", sorted(OPTIMISERS))
def test_it_learns(hidden, optimiser):
    """Which of two halves of the plane: a few hundred steps are plenty for any of them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    y = (x.sum(axis=1, keepdims=True) > 0).astype(float)
    network = build((2, 4, 1), 0, hidden=hidden, optimiser=optimiser)
    for _ in range(300):
        network.train_step(x, y, 0.05 if optimiser == "adam" else 0.3)
    assert ((network.forward(x) > 0.5) == y).mean() >= 0.95
