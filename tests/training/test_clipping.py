from __future__ import annotations

import numpy as np
import pytest

from nnkit.network import Network
from nnkit.training import ClipByNorm, ClipByValue, GradientDescent, Momentum, clip_by_norm, clip_by_value


def arrays(scale=1.0, dtype="float64"):
    return [np.array([[3.0, 0.0], [0.0, -4.0]], dtype) * scale, np.array([12.0], dtype) * scale]  # norm 13


def test_above_the_limit_the_norm_becomes_the_limit_and_the_direction_stays():
    gradients = arrays()
    assert clip_by_norm(gradients, 6.5) == 13
    for gradient, whole in zip(gradients, arrays(), strict=True):
        np.testing.assert_allclose(gradient, whole / 2, rtol=1e-15)


@pytest.mark.parametrize("limit", [13.0, 1e9])
def test_below_the_limit_nothing_changes(limit):
    gradients = arrays()
    assert clip_by_norm(gradients, limit) == 13
    for gradient, whole in zip(gradients, arrays(), strict=True):
        np.testing.assert_array_equal(gradient, whole)


@pytest.mark.parametrize(("dtype", "scale"), [("f4", 1e37), ("f8", 1e300)])
def test_an_exploding_gradient_whose_square_overflows_is_clipped_all_the_same(dtype, scale):
    gradients = arrays(scale, dtype)
    assert clip_by_norm(gradients, 1.0) == pytest.approx(13 * scale, rel=1e-6)
    for gradient, whole in zip(gradients, arrays(1 / 13, dtype), strict=True):
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, whole, rtol=1e-5)


def test_values_are_cut_where_they_are_too_large():
    gradients = arrays()
    clip_by_value(gradients, 3.5)
    assert [gradient.tolist() for gradient in gradients] == [[[3, 0], [0, -3.5]], [3.5]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_number_is_not_hidden(clip, bad, place):
    gradients = arrays()
    gradients[place].flat[0] = bad
    before = [gradient.copy() for gradient in gradients]
    norm = clip(gradients, 1.0)
    for gradient, whole in zip(gradients, before, strict=True):
        np.testing.assert_array_equal(gradient, whole)
    assert norm is None or not np.isfinite(norm)


def test_nothing_has_no_norm():
    assert clip_by_norm([], 1.0) == clip_by_norm([np.zeros((0, 3))], 1.0) == 0
    gradients = [np.zeros(3)]
    assert clip_by_norm(gradients, 1.0) == 0
    assert gradients[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("limit", [0.0, -1.0, np.nan])
def test_a_limit_is_positive(limit):
    for refuse in (
        lambda: clip_by_norm(arrays(), limit),
        lambda: clip_by_value(arrays(), limit),
        lambda: ClipByNorm(Momentum(), limit),
        lambda: ClipByValue(Momentum(), limit),
    ):
        with pytest.raises(ValueError, match="the limit is a positive number; got"):
            refuse()


# About an update rule -------------------------------------------------------------------------------------------------


def make(rule):
    return Network(
        (3, 4, 2), hidden="tanh", output="identity", loss="mse", initialiser="glorot", update_rule=rule,
        rng=np.random.default_rng(0),
    )  # fmt: skip


@pytest.mark.parametrize(("rule", "clip"), [(ClipByNorm, clip_by_norm), (ClipByValue, clip_by_value)])
def test_the_network_descends_by_the_clipped_gradient(rule, clip):
    x, y = np.random.default_rng(1).normal(size=(5, 3)), np.full((5, 2), 30.0)
    network = make(rule(GradientDescent(), 0.5))
    for _ in range(3):
        gradients = network.gradients(x, y)
        whole = [gradient.copy() for gradient in gradients]
        clip(gradients, 0.5)
        assert any((gradient != was).any() for gradient, was in zip(gradients, whole, strict=True))
        expected = [p - 0.1 * g for p, g in zip(network.parameters(), gradients, strict=True)]
        network.train_step(x, y, 0.1)
        for parameter, value in zip(network.parameters(), expected, strict=True):
            np.testing.assert_allclose(parameter, value, rtol=1e-13, atol=1e-15)


def test_how_often_it_clips_is_counted():
    rule, theta = ClipByNorm(Momentum(), 1.0), np.zeros(2)
    for size in (0.5, 2.0, 1.0, 100.0, 0.1, np.inf, np.nan):
        rule.step(theta, np.array([size, 0.0]), 0.1)
    assert (rule.steps, rule.clipped) == (7, 2)


def test_a_wild_rate_stays_within_bounds():
    """A step of plain descent by a clipped gradient is at most rate times limit long."""
    network = make(ClipByNorm(GradientDescent(), 1.0))
    x, y = np.random.default_rng(1).normal(size=(5, 3)), np.full((5, 2), 1e6)
    before = np.concatenate([parameter.ravel() for parameter in network.parameters()])
    network.train_step(x, y, 0.1)
    after = np.concatenate([parameter.ravel() for parameter in network.parameters()])
    assert np.linalg.norm(after - before) == pytest.approx(0.1)
