from __future__ import annotations

import numpy as np
import pytest

from nnkit.training import OPTIMISERS, Adam, GradientDescent, Momentum

RATES = [0.1, 0.1, 0.03, 0.3, 0.1, 0.2, 0.1]  # a rule must also do right where the rate changes
EPS = np.finfo(float).eps
each = pytest.mark.parametrize("rule", sorted(OPTIMISERS))


def gradients(dtype="float64"):
    rng = np.random.default_rng(0)
    return [rng.normal(size=11).astype(dtype) for _ in RATES]


def walk(rule, dtype="float64"):
    """theta after every step."""
    theta = np.linspace(-1, 1, 11).astype(dtype)
    path = [theta.copy()]
    for rate, gradient in zip(RATES, gradients(dtype), strict=True):
        rule.step(theta, gradient.copy(), rate)
        path.append(theta.copy())
    return path


def test_gradient_descent():
    theta = np.linspace(-1, 1, 11)
    for rate, g, found in zip(RATES, gradients(), walk(GradientDescent())[1:], strict=True):
        theta = theta - rate * g
        np.testing.assert_array_equal(found, theta)


@pytest.mark.parametrize("decay", [0.9, 0.5, 0.0])
def test_momentum(decay):
    """m <- lambda m - eta g; theta <- theta + m (source S1.4)."""
    theta, m = np.linspace(-1, 1, 11), np.zeros(11)
    for rate, g, found in zip(RATES, gradients(), walk(Momentum(decay))[1:], strict=True):
        m = decay * m - rate * g
        theta = theta + m
        np.testing.assert_array_equal(found, theta)


@pytest.mark.parametrize(("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.5, 0.9, 1e-2)])
def test_adam(beta1, beta2, eps):
    """Kingma and Ba 2015, Algorithm 1, line by line."""
    theta, m, v = np.linspace(-1, 1, 11), np.zeros(11), np.zeros(11)
    path = walk(Adam(beta1, beta2, eps))
    for t, (rate, g) in enumerate(zip(RATES, gradients(), strict=True), start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - rate * m_hat / (np.sqrt(v_hat) + eps)
        # A handful of roundings a step, of numbers of the size of theta and of m (1 - beta^t of t = 1 loses a digit or three).
        np.testing.assert_allclose(path[t], theta, rtol=0, atol=1000 * t * EPS)


def test_adams_first_step_is_the_rate_in_the_direction_of_the_sign():
    theta = np.zeros(3)
    Adam().step(theta, np.array([1e-3, -5.0, 2e3]), 0.1)
    np.testing.assert_allclose(theta, [-0.1, 0.1, -0.1], rtol=2e-5)  # eps / |g| is 1e-5 for the first


def test_adam_takes_a_gradient_of_zero():
    theta = np.zeros(2)
    Adam().step(theta, np.zeros(2), 0.1)
    assert theta.tolist() == [0, 0]


@each
def test_theta_is_changed_in_place_in_its_own_float_type(rule):
    path32, path64 = walk(OPTIMISERS[rule](), "float32"), walk(OPTIMISERS[rule]())
    assert {theta.dtype.name for theta in path32} == {"float32"}
    np.testing.assert_allclose(path32[-1], path64[-1], rtol=0, atol=2e-5)


@pytest.mark.parametrize(("rule", "dtype"), [("momentum", "f4"), ("momentum", "f8"), ("adam", "f4"), ("adam", "f8")])
def test_what_has_decayed_to_nothing_becomes_zero(rule, dtype):
    """Numbers below the smallest normal float, of which each costs a hundred others' time."""
    optimiser, theta = OPTIMISERS[rule](), np.zeros(2, dtype)
    steps = {"f4": 1000, "f8": 8000}[dtype]  # 0.9^k passes the smallest normal float after 830 and 6,700 steps
    for step in range(steps):
        optimiser.step(theta, np.array([0 if step else 1, 1], dtype), 1e-3)
    assert optimiser._m[0] == 0
    assert abs(optimiser._m[1]) > 1e-3


@each
def test_two_rules_share_nothing(rule):
    alone = walk(OPTIMISERS[rule]())
    one, other = OPTIMISERS[rule](), OPTIMISERS[rule]()
    walk(other)
    np.testing.assert_array_equal(walk(one), alone)


@each
def test_a_rate_of_zero_changes_nothing(rule):
    theta = np.ones(3)
    OPTIMISERS[rule]().step(theta, np.ones(3), 0.0)
    assert theta.tolist() == [1, 1, 1]


def test_the_table_names_them():
    assert {name: rule.name for name, rule in OPTIMISERS.items()} == {name: name for name in OPTIMISERS}
    assert set(OPTIMISERS.values()) == {GradientDescent, Momentum, Adam}
