"""The measured noise: right where it is known, and not fooled by kinks or by curvature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnkit.gradients import noise_level

EPS64, EPS32 = float(np.finfo(np.float64).eps), float(np.finfo(np.float32).eps)


def smooth(theta: Any) -> Any:
    return np.sum(np.sin(theta)) + np.exp(theta[0])


def relu_net(theta: Any) -> float:
    # three units on their kink at theta = 0
    return float(np.sum(np.maximum(theta, 0)) + 2.0)


@pytest.mark.parametrize("size", [1, 3, 30, 1000])
def test_float64_noise_is_a_few_epsilon(size: int) -> None:
    rng = np.random.default_rng(size)
    theta = rng.standard_normal(size)
    level = noise_level(smooth, theta, rng)
    scale = np.sum(np.abs(np.sin(theta))) + np.exp(theta[0])
    assert EPS64 * abs(smooth(theta)) <= level <= 20 * EPS64 * scale


@pytest.mark.parametrize("noise", [1e-12, 1e-9, 1e-6])
def test_known_noise_is_measured(noise: float) -> None:
    # White noise that is a function of theta, as rounding errors are: the digits of theta scrambled.
    def noisy(theta: Any) -> float:
        scrambled = np.random.default_rng(np.frombuffer(theta.tobytes(), dtype=np.uint32)).standard_normal()
        return float(smooth(theta) + noise * scrambled)

    levels = [noise_level(noisy, np.array([0.3, 1.1]), np.random.default_rng(seed)) for seed in range(30)]
    assert noise / 3 < np.median(levels) < noise * 2
    assert noise / 30 < min(levels)
    assert max(levels) < noise * 6


def test_float32_inside_is_seen_through_float64_outside() -> None:
    theta = np.random.default_rng(0).standard_normal(10)
    level = noise_level(lambda t: float(smooth(t.astype(np.float32))), theta, np.random.default_rng(1))
    assert 0.05 * EPS32 < level < 20 * EPS32


def test_float32_theta() -> None:
    theta = np.random.default_rng(0).standard_normal(10).astype(np.float32)
    level = noise_level(smooth, theta, np.random.default_rng(1))
    assert EPS32 * abs(float(smooth(theta))) <= level < 20 * EPS32 * 10


def test_a_kink_at_the_point_is_no_noise() -> None:
    assert noise_level(relu_net, np.zeros(3), np.random.default_rng(0)) < 1e-14


def test_curvature_is_no_noise() -> None:
    level = noise_level(lambda t: float(np.sin(300 * t[0]) + 2), np.array([0.1]), np.random.default_rng(0))
    # 300 * 0.1 rounded to 1e-15 or so moves the sine by as much
    assert level < 1e-13


@pytest.mark.parametrize("constant", [0.0, 3.0])
def test_a_constant_has_the_noise_of_its_number_type(constant: float) -> None:
    assert noise_level(lambda t: constant, np.zeros(2), np.random.default_rng(0)) == EPS64 * constant
    assert noise_level(lambda t: np.float32(constant), np.zeros(2), np.random.default_rng(0)) == EPS32 * constant


def test_where_the_function_is_not_finite() -> None:
    assert math.isnan(noise_level(lambda t: math.inf, np.zeros(1), np.random.default_rng(0)))
    with np.errstate(invalid="ignore"):
        level = noise_level(lambda t: float(np.sqrt(t[0])) + 1, np.zeros(1), np.random.default_rng(0))
    assert level >= EPS64
