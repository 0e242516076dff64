from __future__ import annotations

import pickle

import numpy as np
import pytest

from nnkit.training import OPTIMISERS, Adagrad, Adam, AdamW, GradientDescent, Momentum, Nesterov, RAdam, RMSProp

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


@pytest.mark.parametrize("decay", [0.9, 0.5, 0.0])
def test_nesterov_takes_the_gradient_where_the_velocity_leads(decay):
    """m <- lambda m - eta g(phi + lambda m); phi <- phi + m, on a bowl; theta is phi + lambda m."""
    curvatures, rule = np.linspace(0.5, 4, 11), Nesterov(decay)
    theta = np.linspace(-1, 1, 11)
    phi, m = theta.copy(), np.zeros(11)
    for rate in RATES:
        m = decay * m - rate * curvatures * (phi + decay * m)
        phi = phi + m
        rule.step(theta, curvatures * theta, rate)
        np.testing.assert_allclose(theta, phi + decay * m, rtol=0, atol=20 * EPS)


def test_nesterov_ends_up_elsewhere_than_momentum():
    assert (walk(Nesterov())[-1] != walk(Momentum())[-1]).all()


@pytest.mark.parametrize("eps", [1e-10, 1e-2])
def test_adagrad(eps):
    """Each step is eta g over the root of the sum of all squared gradients so far."""
    theta, past = np.linspace(-1, 1, 11), []
    for rate, g, found in zip(RATES, gradients(), walk(Adagrad(eps))[1:], strict=True):
        past.append(g)
        theta = theta - rate * g / (np.sqrt(np.sum(np.square(past), axis=0)) + eps)
        np.testing.assert_allclose(found, theta, rtol=0, atol=20 * EPS)


def test_adagrad_slows_down_as_one_over_the_root_of_the_number_of_steps():
    theta, rule = np.zeros(1), Adagrad()
    for step in range(1, 10):
        before = theta.copy()
        rule.step(theta, np.array([5.0]), 0.1)
        assert (before - theta)[0] == pytest.approx(0.1 / step**0.5)


@pytest.mark.parametrize(("decay", "eps"), [(0.9, 1e-8), (0.5, 1e-2), (0.0, 1e-8)])
def test_rmsprop(decay, eps):
    """v <- alpha v + (1 - alpha) g^2 (source S1.6)."""
    theta, v = np.linspace(-1, 1, 11), np.zeros(11)
    for rate, g, found in zip(RATES, gradients(), walk(RMSProp(decay, eps))[1:], strict=True):
        v = decay * v + (1 - decay) * g * g
        theta = theta - rate * g / (np.sqrt(v) + eps)
        np.testing.assert_allclose(found, theta, rtol=0, atol=50 * EPS)


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


@pytest.mark.parametrize("decay", [0.01, 0.5])
def test_adamw_shrinks_theta_beside_the_step_of_adam(decay):
    """Loshchilov and Hutter 2019, Algorithm 2, line 12, with eta for both of its factors."""
    theta, m, v = np.linspace(-1, 1, 11), np.zeros(11), np.zeros(11)
    path = walk(AdamW(weight_decay=decay))
    for t, (rate, g) in enumerate(zip(RATES, gradients(), strict=True), start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        theta = theta - rate * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * theta)
        np.testing.assert_allclose(path[t], theta, rtol=0, atol=1000 * t * EPS)


def test_the_decay_of_adamw_does_not_see_the_size_of_the_gradient():
    """Decoupled: with l2 in the gradient, the second weight's decay would be divided by 1e4."""
    theta, plain = np.ones(2), np.ones(2)
    one, other, g = AdamW(weight_decay=0.1), Adam(), np.array([1e-2, 1e2])
    for _ in range(5):
        before, start = theta.copy(), plain.copy()
        one.step(theta, g.copy(), 0.01)
        other.step(plain, g.copy(), 0.01)
        np.testing.assert_allclose((theta - before) - (plain - start), -0.001 * before, rtol=1e-10)


@pytest.mark.parametrize(("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.5, 0.9, 1e-2)])
def test_radam(beta1, beta2, eps):
    """Liu et al. 2020, Algorithm 2, line by line."""
    theta, m, v = np.linspace(-1, 1, 11), np.zeros(11), np.zeros(11)
    path, rectified = walk(RAdam(beta1, beta2, eps)), []
    longest = 2 / (1 - beta2) - 1
    for t, (rate, g) in enumerate(zip(RATES, gradients(), strict=True), start=1):
        v = beta2 * v + (1 - beta2) * g * g
        m = beta1 * m + (1 - beta1) * g
        m_hat = m / (1 - beta1**t)
        length = longest - 2 * t * beta2**t / (1 - beta2**t)
        rectified.append(length > 5)
        if rectified[-1]:
            r = np.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length))
            theta = theta - rate * r * m_hat * np.sqrt(1 - beta2**t) / (np.sqrt(v) + eps)
        else:
            theta = theta - rate * m_hat
        np.testing.assert_allclose(path[t], theta, rtol=0, atol=1000 * t * EPS)
    assert rectified == [False] * 5 + [True] * 2 if beta2 == 0.999 else any(rectified) and not all(rectified)


def test_the_rectification_of_radam_goes_away():
    """A constant gradient: r alone is between a step and the rate, and rises to 1."""
    theta, rule, steps = np.zeros(1), RAdam(beta2=0.9), []
    for _ in range(300):
        before = theta.copy()
        rule.step(theta, np.array([5.0]), 0.1)
        steps.append((before - theta)[0])
    rectified = np.array(steps[10:])
    assert (np.diff(rectified[:50]) > 0).all()
    assert 0 < rectified[0] < 0.09 and rectified[-1] == pytest.approx(0.1)


def test_adams_first_step_is_the_rate_in_the_direction_of_the_sign():
    theta = np.zeros(3)
    Adam().step(theta, np.array([1e-3, -5.0, 2e3]), 0.1)
    np.testing.assert_allclose(theta, [-0.1, 0.1, -0.1], rtol=2e-5)  # eps / |g| is 1e-5 for the first


@each
def test_theta_is_changed_in_place_in_its_own_float_type(rule):
    path32, path64 = walk(OPTIMISERS[rule](), "float32"), walk(OPTIMISERS[rule]())
    assert {theta.dtype.name for theta in path32} == {"float32"}
    np.testing.assert_allclose(path32[-1], path64[-1], rtol=0, atol=2e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("rule", ["momentum", "nesterov", "rmsprop", "adam"])
def test_what_has_decayed_to_nothing_becomes_zero(rule, dtype):
    """Numbers below the smallest normal float, of which each costs a hundred others' time."""
    optimiser, theta = OPTIMISERS[rule](), np.zeros(2, dtype)
    steps = {"f4": 1000, "f8": 8000}[dtype]  # 0.9^k passes the smallest normal float after 830 and 6,700 steps
    for step in range(steps):
        optimiser.step(theta, np.array([0 if step else 1, 1], dtype), 1e-3)
    state = optimiser._v if rule == "rmsprop" else optimiser._m
    assert state[0] == 0
    assert abs(state[1]) > 1e-3


@each
def test_two_rules_share_nothing(rule):
    alone = walk(OPTIMISERS[rule]())
    one, other = OPTIMISERS[rule](), OPTIMISERS[rule]()
    walk(other)
    np.testing.assert_array_equal(walk(one), alone)


@each
def test_a_copy_goes_on_as_the_rule_itself(rule):
    """All state is in the rule, and can be pickled: a training is resumed bit for bit."""
    rule = OPTIMISERS[rule]()
    walk(rule)
    other = pickle.loads(pickle.dumps(rule))
    np.testing.assert_array_equal(walk(rule), walk(other))


@each
def test_a_gradient_of_zero_changes_nothing_but_what_decays(rule):
    theta = np.ones(2)
    OPTIMISERS[rule]().step(theta, np.zeros(2), 0.1)
    np.testing.assert_allclose(theta, 1 - 0.1 * 0.01 if rule == "adamw" else 1.0, rtol=1e-15)


@each
def test_a_rate_of_zero_changes_nothing(rule):
    theta = np.ones(3)
    OPTIMISERS[rule]().step(theta, np.ones(3), 0.0)
    assert theta.tolist() == [1, 1, 1]


def test_the_table_names_them():
    assert {name: rule.name for name, rule in OPTIMISERS.items()} == {name: name for name in OPTIMISERS}
    assert set(OPTIMISERS.values()) == {GradientDescent, Momentum, Nesterov, Adagrad, RMSProp, Adam, AdamW, RAdam}
