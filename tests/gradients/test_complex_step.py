"""The complex step refuses, with a reason, wherever it would be wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnkit.gradients import ComplexStepUnavailable, numerical_gradient

THETA = np.array([0.4, -0.7, 1.3])


def into_real_buffer(theta: Any) -> Any:
    buffer = np.empty(3)
    buffer[:] = np.sin(theta)
    return buffer.sum() + 0 * theta[0]


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (lambda t: np.sum(np.abs(t) * t), "loses the imaginary part"),
        (lambda t: np.sum(t**2) + np.linalg.norm(t), "loses the imaginary part"),
        (lambda t: np.sum(t.real), "returns a real number"),
        (np.linalg.norm, "returns a real number"),
        (lambda t: np.sum(t.real) + t[0], "loses the imaginary part"),
        (into_real_buffer, "discards the imaginary part"),
        (lambda t: float(t[0]), "TypeError|discards"),
        (lambda t: np.hypot(t[0], t[1]), "raises TypeError"),
        (lambda t: np.arctan2(t[0], t[1]), "raises TypeError"),
        (lambda t: 1 / 0, "raises ZeroDivisionError"),
    ],
)
def test_refused_with_a_reason(f: Any, reason: str) -> None:
    with pytest.raises(ComplexStepUnavailable, match=reason) as caught:
        numerical_gradient(f, THETA, "complex-step")
    assert caught.value.reason


def test_one_lost_part_among_many_is_noticed() -> None:
    theta = np.random.default_rng(0).standard_normal(500)
    lost = lambda t: np.sum(t**2) - t[77] ** 2 + abs(t[77]) ** 2  # noqa: E731
    with pytest.raises(ComplexStepUnavailable, match="loses the imaginary part"):
        numerical_gradient(lost, theta, "complex-step")


@pytest.mark.parametrize(
    "f",
    [
        lambda t: np.sum(np.tanh(t) * np.exp(-t)),
        lambda t: np.log1p(np.exp(t)).sum(),
        lambda t: np.sum(1 / (1 + np.exp(-t))) * 1e6,
        lambda t: np.sum(t**2) * 1e-9,
        lambda t: np.sum(np.where(t > 0, t, 0.1 * t)),
    ],
)
def test_analytic_functions_are_accepted(f: Any) -> None:
    found = numerical_gradient(f, THETA, "complex-step")
    near = numerical_gradient(f, THETA, "fourth-order")
    assert np.all(np.abs(found.values - near.values) <= 8 * near.errors)


def test_accepted_on_a_kink_of_a_function_that_is_fit_for_it() -> None:
    # Not fit or fit is a matter of the program: at 0 there is no slope for central differences to agree with.
    found = numerical_gradient(lambda t: np.sum(np.where(t > 0, t, 0)), np.zeros(2), "complex-step")
    assert np.all((found.values >= 0) & (found.values <= 1))


def test_float32_parameters_are_taken_into_the_complex_plane_in_float64() -> None:
    theta = THETA.astype(np.float32)
    found = numerical_gradient(lambda t: np.sum(np.sin(t)), theta, "complex-step")
    np.testing.assert_allclose(found.values, np.cos(theta.astype(np.float64)), rtol=1e-14)
