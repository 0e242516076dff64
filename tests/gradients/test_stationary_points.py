"""The Hessian, and what it says about a point where training stands still."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dense_network import Dense, truth_table
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit.gradients import classify_stationary_point, gradient_of, hessian, loss_of, stationary_point


def quadratic(eigenvalues: Any, seed: int = 0) -> Any:
    """The gradient of a quadratic form with these eigenvalues in random directions, and its matrix."""
    rng = np.random.default_rng(seed)
    vectors, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
    matrix = vectors @ np.diag(eigenvalues) @ vectors.T
    return (lambda theta: matrix @ theta), matrix


def test_hessian_in_closed_form() -> None:
    def gradient(t: Any) -> Any:
        return np.array([np.cos(t[0]) * t[1], np.sin(t[0]) + 3 * t[1] ** 2])

    theta = np.array([0.7, -1.1])
    exact = np.array([[-np.sin(0.7) * -1.1, np.cos(0.7)], [np.cos(0.7), 6 * -1.1]])
    found = hessian(gradient, theta)
    np.testing.assert_allclose(found, exact, atol=1e-9)
    np.testing.assert_array_equal(found, found.T)


def test_hessian_in_float32() -> None:
    gradient, matrix = quadratic([3.0, -1.0, 0.5])
    found = hessian(lambda t: gradient(t).astype(np.float32), np.array([0.1, 0.2, 0.3], dtype=np.float32))
    np.testing.assert_allclose(found, matrix, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([-2.0, -0.1, 0.0, 0.3, 5.0]), min_size=2, max_size=6), st.integers(0, 1000))
def test_quadratic_forms_are_classified(eigenvalues: list[float], seed: int) -> None:
    gradient, matrix = quadratic(eigenvalues, seed)
    point = stationary_point(gradient, np.zeros(len(eigenvalues)))
    down, up, flat = (sum(1 for e in eigenvalues if f(e)) for f in (lambda e: e < 0, lambda e: e > 0, lambda e: e == 0))
    assert (point.negative, point.positive, point.flat) == (down, up, flat)
    expected = "saddle" if down and up else "maximum" if down else "plateau" if flat else "minimum"
    assert point.kind == expected
    np.testing.assert_allclose(point.eigenvalues, np.sort(eigenvalues), atol=point.tolerance)
    if down:
        assert point.escape is not None
        assert np.linalg.norm(point.escape) == pytest.approx(1)
        assert point.escape @ matrix @ point.escape == pytest.approx(min(eigenvalues), abs=1e-8)
    else:
        assert point.escape is None


def test_a_slope_is_not_stationary() -> None:
    gradient, _ = quadratic([1.0, 2.0])
    point = stationary_point(gradient, np.array([1.0, 1.0]))
    assert point.kind == "not stationary"
    assert point.gradient_norm > 1
    assert stationary_point(gradient, np.array([1e-7, 0.0])).kind == "minimum"


def test_the_escape_points_downhill() -> None:
    point = stationary_point(lambda t: np.array([-2 * t[0] + 1e-5, 2 * t[1]]), np.zeros(2))
    assert point.kind == "saddle"
    np.testing.assert_allclose(point.escape, [-1, 0], atol=1e-6)


def test_xor_with_equal_hidden_units_is_a_saddle_with_a_way_out() -> None:
    # All weights zero: tanh units that are 0, an output of 1/2, no gradient. The bilinear term makes it a saddle.
    network = Dense((2, 2, 1), "tanh", "bce", zero_biases=True)
    for w in network.weights:
        w[:] = 0
    x, y = truth_table("and")
    network.biases[1][:] = -np.log(3)
    f, g = loss_of(network, x, y), gradient_of(network, x, y)
    point = stationary_point(g, np.concatenate([p.ravel() for p in network.parameters()]))
    start = np.concatenate([p.ravel() for p in network.parameters()]) * 0
    start[-1] = -np.log(3)
    assert point.kind == "saddle"
    assert point.escape is not None
    assert f(start + 0.3 * point.escape) < f(start) - 1e-3


def test_the_tolerance_covers_the_error_of_the_differences() -> None:
    # A steep function of which one direction is exactly flat.
    rng = np.random.default_rng(0)
    flat = rng.standard_normal(5)
    flat /= np.linalg.norm(flat)
    onto = np.eye(5) - np.outer(flat, flat)
    point = stationary_point(lambda t: onto @ np.sinh(30 * onto @ t), np.zeros(5))
    assert point.flat == 1
    assert point.positive == 4
    assert 0 < point.tolerance < 1e-2 * point.eigenvalues[-1]


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        stationary_point(lambda t: t * np.nan, np.zeros(2))
    with pytest.raises(ValueError, match="not finite"):
        classify_stationary_point(np.array([1.0, np.nan]), 0.0, tolerance=1e-9)


def test_classification_from_eigenvalues_alone() -> None:
    kind = lambda *values: classify_stationary_point(np.array(values), 1e-6, tolerance=1e-3).kind  # noqa: E731
    assert kind(1.0, -1.0) == "saddle"
    assert kind(1.0, -1e-4) == "plateau"
    assert kind(1e-4, -1e-4) == "plateau"
    assert kind(0.5, 0.1) == "minimum"
    assert kind(-0.5, 1e-4) == "maximum"
