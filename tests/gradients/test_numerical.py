"""Numerical derivatives against closed forms: how the error falls with the step, and whether the error bars are honest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit.gradients import NumericalGradient, central_slopes, numerical_gradient

METHODS = ("forward", "central", "fourth-order", "complex-step")
THETA = np.array([0.3, -1.2, 2.5])


def wavy(theta: Any) -> Any:
    return np.exp(np.sin(theta[0])) * np.cos(theta[1]) + theta[2] ** 3 * np.sin(theta[0])


def wavy_slopes(theta: Any) -> Any:
    return np.array(
        [
            np.exp(np.sin(theta[0])) * np.cos(theta[0]) * np.cos(theta[1]) + theta[2] ** 3 * np.cos(theta[0]),
            -np.exp(np.sin(theta[0])) * np.sin(theta[1]),
            3 * theta[2] ** 2 * np.sin(theta[0]),
        ]
    )


class Mixture:
    """A random smooth function of any number of variables, with its exact gradient, computed in theta's float type."""

    def __init__(self, size: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.directions = rng.standard_normal((6, size)) / math.sqrt(size) * rng.choice([0.3, 1.0, 3.0])
        self.shifts, self.weights = rng.standard_normal(6), rng.standard_normal(6) * 10.0 ** rng.uniform(-3, 3)
        self.theta = rng.standard_normal(size) * 10.0 ** rng.uniform(-1, 1)

    def __call__(self, theta: Any) -> Any:
        kind = theta.dtype.type
        inner = self.directions.astype(theta.dtype) @ theta + self.shifts.astype(theta.dtype)
        weights = self.weights.astype(theta.dtype)
        return np.sum(weights[:3] * np.sin(inner[:3])) + np.sum(weights[3:] * np.tanh(inner[3:])) + kind(0.5)

    def gradient(self, theta: Any) -> Any:
        theta = theta.astype(np.float64)
        inner = self.directions @ theta + self.shifts
        outer = self.weights * np.concatenate([np.cos(inner[:3]), 1 - np.tanh(inner[3:]) ** 2])
        return outer @ self.directions


@pytest.mark.parametrize(
    ("method", "off"), [("forward", 3e-7), ("central", 1e-9), ("fourth-order", 1e-11), ("complex-step", 1e-14)]
)
def test_closed_form(method: Any, off: float) -> None:
    # The accuracy that theory promises, with room for the size of this function's derivatives (about 20).
    found = numerical_gradient(wavy, THETA, method)
    np.testing.assert_allclose(found.values, wavy_slopes(THETA), rtol=0, atol=off)
    assert found.method == method


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("central", 2), ("fourth-order", 4)])
def test_truncation_error_falls_with_the_power_of_the_step(method: Any, order: int) -> None:
    steps = np.array([0.04, 0.02, 0.01])
    errors = [abs(numerical_gradient(wavy, THETA, method, step=h).values[0] - wavy_slopes(THETA)[0]) for h in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize("method", ["forward", "central", "fourth-order"])
def test_rounding_error_grows_as_the_step_shrinks(method: Any) -> None:
    steps = 10.0 ** np.arange(-13, -9)
    mixtures = [Mixture(4, seed) for seed in range(30)]
    typical = []
    for h in steps:
        off = [numerical_gradient(f, f.theta, method, step=h).values - f.gradient(f.theta) for f in mixtures]
        typical.append(np.median([np.linalg.norm(o) / abs(f(f.theta)) for o, f in zip(off, mixtures, strict=True)]))
    assert np.polyfit(np.log(steps), np.log(typical), 1)[0] == pytest.approx(-1, abs=0.15)


def test_the_complex_step_has_no_rounding_branch() -> None:
    for h in (1e-8, 1e-20, 1e-100, 1e-200):
        found = numerical_gradient(wavy, THETA, "complex-step", step=h)
        np.testing.assert_allclose(found.values, wavy_slopes(THETA), rtol=1e-14)
    coarse = numerical_gradient(wavy, THETA, "complex-step", step=1e-3)
    assert np.all(np.abs(coarse.values - wavy_slopes(THETA)) <= coarse.errors)
    assert np.max(np.abs(coarse.values - wavy_slopes(THETA))) > 1e-7


@pytest.mark.parametrize(
    # complex steps compute in float64 whatever theta is
    ("method", "dtype"),
    [(m, np.float64) for m in METHODS] + [(m, np.float32) for m in METHODS[:3]],
)
def test_error_bars_are_honest_and_not_useless(method: Any, dtype: Any) -> None:
    ratios = []
    for seed in range(150):
        f = Mixture(1 + seed % 5, seed)
        theta = f.theta.astype(dtype)
        if dtype is np.float32:
            # the same constants as the function has after its own rounding
            f.directions, f.shifts, f.weights = (
                a.astype(dtype).astype(np.float64) for a in (f.directions, f.shifts, f.weights)
            )
        found = numerical_gradient(f, theta, method)
        ratios += list(np.abs(found.values - f.gradient(theta)) / found.errors)
    # Bars of an unknown rounding are estimates: nearly all errors within one or two, all within the factor of 8 that
    # the gradient check allows.
    assert np.quantile(ratios, 0.95) < 2
    assert max(ratios) < 8
    assert np.median(ratios) > 1e-3


@pytest.mark.parametrize("step", [1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11])
@pytest.mark.parametrize("method", ["forward", "central", "fourth-order"])
def test_error_bars_are_honest_at_any_step(method: Any, step: float) -> None:
    ratios = []
    for seed in range(40):
        f = Mixture(3, seed)
        f.theta, f.directions = f.theta / np.linalg.norm(f.theta), f.directions / 3
        found = numerical_gradient(f, f.theta, method, step=step)
        ratios += list(np.abs(found.values - f.gradient(f.theta)) / found.errors)
    assert np.quantile(ratios, 0.9) < 2
    assert max(ratios) < 8


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_methods_agree_within_their_bars(seed: int, size: int) -> None:
    f = Mixture(size, seed)
    exact = numerical_gradient(f, f.theta, "complex-step")
    for method in ("forward", "central", "fourth-order"):
        found = numerical_gradient(f, f.theta, method)  # type: ignore[arg-type]
        assert np.all(np.abs(found.values - exact.values) <= 8 * (found.errors + exact.errors))


def test_polynomials_are_exact_up_to_the_order_of_the_method() -> None:
    theta = np.array([1.5])
    # Steps are powers of two here, so nothing is rounded either.
    for method, power in (("forward", 1), ("central", 2), ("fourth-order", 4)):
        found = numerical_gradient(lambda t, k=power: float(t[0] ** k), theta, method, step=2.0**-4)  # type: ignore[arg-type,misc]
        assert found.values[0] == pytest.approx(power * 1.5 ** (power - 1), rel=1e-14)


def test_the_step_is_the_one_really_taken() -> None:
    theta = np.array([1.0, 1000.0, 1e-3], dtype=np.float32)
    found = numerical_gradient(lambda t: np.sum(t.astype(np.float64) ** 2), theta, "central", step=1e-4)
    # 1000 + 1e-4 in float32 is 1000.0001 to the nearest 6e-5.
    assert found.steps[1] == float(np.float32(1000.0 + 1e-4)) - 1000.0 != 1e-4
    np.testing.assert_allclose(found.values, 2 * theta.astype(np.float64), rtol=1e-3)
    tiny = numerical_gradient(lambda t: np.sum(t.astype(np.float64) ** 2), theta, "central", step=1e-20)
    assert np.all(tiny.steps > 0)
    assert np.all(np.isfinite(tiny.values))


def test_default_steps_grow_with_the_parameter_and_with_the_noise() -> None:
    theta = np.array([0.1, 1.0, 100.0])
    exact = numerical_gradient(wavy, theta)
    np.testing.assert_allclose(exact.steps / exact.steps[0], [1, 1, 100], rtol=1e-6)
    assert 3e-6 < exact.steps[0] < 3e-5
    coarse = numerical_gradient(lambda t: float(np.float32(wavy(t))), theta)
    assert 1e-3 < coarse.steps[0] < 5e-2


def test_a_network_that_computes_in_float32_inside_gets_honest_bars() -> None:
    ratios = []
    for seed in range(60):
        f = Mixture(3, seed)
        inside = lambda t, f=f: float(f(t.astype(np.float32)))  # noqa: E731
        f.directions, f.shifts, f.weights = (
            a.astype(np.float32).astype(np.float64) for a in (f.directions, f.shifts, f.weights)
        )
        theta = f.theta.astype(np.float32).astype(np.float64)
        found = numerical_gradient(inside, theta)
        ratios += list(np.abs(found.values - f.gradient(theta)) / found.errors)
    assert np.quantile(ratios, 0.95) < 2
    assert max(ratios) < 8


def test_only_the_entries_asked_for() -> None:
    found = numerical_gradient(wavy, THETA, entries=[2, 0])
    np.testing.assert_array_equal(found.entries, [2, 0])
    np.testing.assert_allclose(found.values, wavy_slopes(THETA)[[2, 0]], rtol=1e-8)
    assert numerical_gradient(wavy, THETA, entries=[]).values.shape == (0,)


@pytest.mark.parametrize(("method", "each"), [("forward", 2), ("central", 4), ("fourth-order", 6)])
def test_evaluations_are_counted(method: Any, each: int) -> None:
    calls = []

    def f(theta: Any) -> Any:
        calls.append(1)
        return wavy(theta)

    found = numerical_gradient(f, THETA, method, noise=1e-16)
    assert found.evaluations == len(calls) == 3 * each + 1
    assert isinstance(found, NumericalGradient)


def test_theta_is_left_as_it_was() -> None:
    theta = THETA.copy()
    for method in METHODS:
        numerical_gradient(wavy, theta, method)  # type: ignore[arg-type]
    assert theta.tobytes() == THETA.tobytes()


def test_where_f_is_not_finite_the_value_is_nan_and_the_error_inf() -> None:
    with np.errstate(invalid="ignore"):
        found = numerical_gradient(lambda t: float(np.sqrt(t[0]) + t[1]), np.array([0.0, 1.0]), noise=1e-16)
    assert math.isnan(found.values[0])
    assert math.isinf(found.errors[0])
    assert found.values[1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "backward"}, "method must be one of forward, central"),
        ({"step": 0.0}, "step must be a positive number"),
        ({"step": math.nan}, "step must be a positive number"),
    ],
)
def test_wrong_use_says_what_is_expected(change: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        numerical_gradient(wavy, THETA, **change)


@pytest.mark.parametrize("theta", [np.zeros((2, 2)), np.array([1, 2])])
def test_theta_must_be_a_flat_float_array(theta: Any) -> None:
    with pytest.raises(ValueError, match="1-D array of floats"):
        numerical_gradient(wavy, theta)


def test_central_slopes_are_the_same_numbers_for_half_the_price() -> None:
    calls = 0

    def counted(theta: Any) -> Any:
        nonlocal calls
        calls += 1
        return wavy(theta)

    slopes = central_slopes(counted, THETA, 1e-15)
    np.testing.assert_array_equal(slopes, numerical_gradient(wavy, THETA, noise=1e-15).values)
    assert calls == 1 + 2 * THETA.size
