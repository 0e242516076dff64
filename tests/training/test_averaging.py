from __future__ import annotations

import copy

import numpy as np
import pytest

from nnkit.network import Network
from nnkit.training import Adam, Averaged, GradientDescent, Momentum

RATE = 0.1


def walk(rule, steps=12):
    """theta after every step, and the average then."""
    rng, theta = np.random.default_rng(0), np.linspace(-1, 1, 5)
    path, averages = [], []
    for _ in range(steps):
        rule.step(theta, rng.normal(size=5), RATE)
        path.append(theta.copy())
        averages.append(getattr(rule, "average", None))
        averages[-1] = None if averages[-1] is None else averages[-1].copy()
    return path, averages


@pytest.mark.parametrize("rule", [GradientDescent, Momentum, Adam])
@pytest.mark.parametrize("decay", [None, 0.5])
def test_the_steps_are_those_of_the_rule(rule, decay):
    np.testing.assert_array_equal(walk(Averaged(rule(), decay))[0], walk(rule())[0])


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_the_exponential_mean(decay):
    path, averages = walk(Averaged(Momentum(), decay))
    expected = path[0]
    for theta, average in zip(path, averages, strict=True):
        expected = decay * expected + (1 - decay) * theta
        np.testing.assert_allclose(average, expected, rtol=0, atol=1e-14)


def test_the_plain_mean():
    path, averages = walk(Averaged(Momentum()))
    for number, average in enumerate(averages, start=1):
        np.testing.assert_allclose(average, np.mean(path[:number], axis=0), rtol=0, atol=1e-14)


def test_what_is_taken_in_begins_after_start_and_is_every_so_many():
    path, averages = walk(Averaged(Momentum(), start=4, every=3))
    assert [average is None for average in averages] == [True] * 6 + [False] * 6
    np.testing.assert_array_equal(averages[6], path[6])
    np.testing.assert_array_equal(averages[8], path[6])
    np.testing.assert_allclose(averages[9], (path[6] + path[9]) / 2, rtol=0, atol=1e-15)


def test_the_mean_lies_nearer_to_the_minimum_than_the_place_where_one_stops():
    """A noisy bowl: the noise of theta stays, that of the mean falls with the number of steps."""
    rng, rule, theta = np.random.default_rng(0), Averaged(GradientDescent(), start=50), np.ones(200)
    for _ in range(500):
        rule.step(theta, theta + rng.normal(size=200), 0.1)
    assert np.linalg.norm(rule.average) < 0.3 * np.linalg.norm(theta)


def make(dtype="float64"):
    return Network(
        (3, 4, 2), hidden="tanh", output="softmax", loss="cross_entropy", initialiser="glorot",
        update_rule=Averaged(Momentum(), 0.9), rng=np.random.default_rng(0), dtype=dtype,
    )  # fmt: skip


def batch(step):
    rng = np.random.default_rng(step)
    return rng.normal(size=(6, 3)), np.eye(2)[rng.integers(0, 2, 6)]


@pytest.mark.parametrize("first", ["float64", "float32"])
def test_swapped_in_and_back_training_goes_on_as_if_nothing_had_been(first):
    watched, alone = make(first), make(first)
    for step in range(8):
        if step == 3:
            for network in (watched, alone):
                network.set_parameters([parameter.astype("f8") for parameter in network.parameters()])
        watched.train_step(*batch(step), RATE)
        alone.train_step(*batch(step), RATE)
        average = watched.update_rule.average.copy()
        watched.update_rule.swap(watched)
        np.testing.assert_array_equal(np.concatenate([p.ravel() for p in watched.parameters()]), average)
        watched.update_rule.swap(watched)
    for one, other in zip(watched.parameters(), alone.parameters(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(watched.update_rule.average, alone.update_rule.average, rtol=1e-6)


def test_nothing_to_swap_with():
    network = make()
    with pytest.raises(ValueError, match="no average yet: the first is taken after step 1"):
        network.update_rule.swap(network)
    rule = copy.deepcopy(network.update_rule)
    rule.step(np.zeros(5), np.zeros(5), RATE)
    with pytest.raises(ValueError, match=r"the average has 5 numbers, but the network's parameters \[12, 4, 8, 2\]"):
        rule.swap(network)


@pytest.mark.parametrize("options", [{"decay": 1.0}, {"decay": -0.1}, {"start": -1}, {"every": 0}])
def test_what_cannot_be_is_refused(options):
    with pytest.raises(ValueError, match="got"):
        Averaged(Momentum(), **options)
