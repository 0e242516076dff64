"""One slope measured thoroughly: smooth lines, kinks at the origin, kinks nearby."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nnkit.gradients.slopes import BARS, Slope, measure_slope

EPS = float(np.finfo(np.float64).eps)


def measure(f: Callable[[float], float], noise: float = EPS) -> Slope:
    return measure_slope(lambda t: (t, f(t)), f(0.0), noise=noise, scale=1.0, epsilon=max(EPS, noise))


@pytest.mark.parametrize("steepness", [0.1, 1.0, 10.0, 100.0])
def test_smooth_lines(steepness: float) -> None:
    slope = measure(lambda t: math.sin(steepness * t + 0.3) + 1)
    assert not slope.kinked
    assert abs(slope.value - steepness * math.cos(0.3)) <= 3 * slope.error
    assert slope.error < 3e-12 * max(1.0, steepness)


@pytest.mark.parametrize("jump", [1.0, -0.3, 1e-4, 1e-6])
def test_a_kink_at_the_origin(jump: float) -> None:
    slope = measure(lambda t: math.sin(t + 0.3) + 1 + jump * max(t, 0.0))
    low, high = slope.interval
    left, right = sorted([math.cos(0.3), math.cos(0.3) + jump])
    assert slope.kinked
    assert slope.jump == pytest.approx(jump, rel=1e-4)
    assert abs(low - left) <= BARS * slope.error
    assert abs(high - right) <= BARS * slope.error


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize("jump", [1.0, -0.1, 1e-3])
def test_a_kink_nearby_is_kept_outside_the_steps(distance: float, jump: float) -> None:
    slope = measure(lambda t: math.sin(t + 0.3) + 1 + jump * max(t - distance, 0.0))
    assert abs(slope.value - math.cos(0.3)) <= BARS * slope.error
    assert slope.error < 1e-3 * abs(jump)


@pytest.mark.parametrize("distance", 10.0 ** np.arange(-14.0, -5.0))
def test_a_kink_too_near_to_tell_counts_as_a_kink(distance: float) -> None:
    slope = measure(lambda t: math.sin(t + 0.3) + 1 + 0.5 * max(t - distance, 0.0))
    low, high = slope.interval
    # whichever it is taken for, the true slope is not excluded
    assert low - BARS * slope.error <= math.cos(0.3) <= high + BARS * slope.error


def test_two_kinks_that_cancel_to_first_order() -> None:
    # Slope 0 on both sides and a curvature that changes sign: extrapolation of even powers would promise too much.
    slope = measure(lambda t: 1 + 0.3 * t + 5 * t * abs(t))
    assert abs(slope.value - 0.3) <= BARS * slope.error


def test_random_nests_of_kinks_do_not_fool_it() -> None:
    rng = np.random.default_rng(0)
    for _ in range(400):
        places = rng.choice([-1.0, 1.0], 4) * 10.0 ** rng.uniform(-8, -1, 4)
        sizes = rng.standard_normal(4)

        def f(t: float, places: np.ndarray = places, sizes: np.ndarray = sizes) -> float:
            return float(math.sin(t) + 1 + np.sum(sizes * np.maximum(t - places, 0.0)))

        truth = 1 + float(np.sum(sizes[places < 0]))
        low, high = (slope := measure(f)).interval
        assert low - BARS * slope.error <= truth <= high + BARS * slope.error


def test_a_noisy_line_has_wider_bars() -> None:
    rng = np.random.default_rng(0)
    slope = measure(lambda t: math.sin(t + 0.3) + 1e-7 * rng.standard_normal(), noise=1e-7)
    assert abs(slope.value - math.cos(0.3)) <= BARS * slope.error
    assert 1e-7 < slope.error < 1e-3


def test_it_stops_when_it_is_enough() -> None:
    calls: list[float] = []

    def line(t: float) -> tuple[float, float]:
        calls.append(t)
        return t, math.sin(t) + 1

    measure_slope(line, 1.0, noise=EPS, scale=1.0, epsilon=EPS, enough=lambda slope: slope.error < 1e-6)
    assert len(calls) < 12
    calls.clear()
    measure_slope(line, 1.0, noise=EPS, scale=1.0, epsilon=EPS)
    assert len(calls) > 16


def test_not_finite_far_away_but_here() -> None:
    slope = measure(lambda t: math.log(0.01 + t) if t > -0.01 else math.inf)
    assert abs(slope.value - 100.0) <= BARS * slope.error < 1e-3


def test_not_finite_anywhere() -> None:
    slope = measure(lambda t: 0.0 if t == 0 else math.nan)
    assert math.isnan(slope.value)
    assert math.isinf(slope.error)
