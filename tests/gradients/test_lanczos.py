"""The extreme curvatures by products with vectors, beside those of the whole Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dense_network import Dense, data
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit.gradients import (
    Parameters,
    extreme_eigenvalues,
    gradient_of,
    hessian,
    hessian_product,
    loss_of,
    stationary_point,
)

SIZES = (6, 8, 3)


def symmetric(eigenvalues: Any, seed: int) -> Any:
    """A matrix with these eigenvalues in random directions."""
    rng = np.random.default_rng(seed)
    vectors, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
    return vectors @ np.diag(eigenvalues) @ vectors.T


def network_at(hidden: str, loss: str, dtype: Any = np.float64) -> Any:
    """(loss, gradient, theta) of a small network with random data."""
    network = Dense(SIZES, hidden, loss, seed=1, dtype=dtype)
    x, y = data(SIZES, 20, loss, seed=1)
    return loss_of(network, x, y), gradient_of(network, x, y), Parameters(network).read()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([-3.0, -1e-3, 0.0, 1e-3, 1.0, 1.001, 7.0]), min_size=1, max_size=30), st.integers(0, 99)
)
def test_both_ends_of_the_spectrum(eigenvalues: list[float], seed: int) -> None:
    """With eigenvalues that are equal, close together, or all zero, too."""
    matrix = symmetric(eigenvalues, seed)
    found = extreme_eigenvalues(lambda v: matrix @ v, len(matrix), np.random.default_rng(seed))
    size = max(map(abs, eigenvalues))
    for end, exact in ((found.least, min(eigenvalues)), (found.greatest, max(eigenvalues))):
        assert end.value == pytest.approx(exact, abs=1e-6 * size + 1e-15)
        assert np.linalg.norm(end.vector) == pytest.approx(1)
        assert end.residual <= 2e-6 * size + 1e-15
        assert np.linalg.norm(matrix @ end.vector - end.value * end.vector) == pytest.approx(end.residual, abs=1e-12)


def test_an_eigenvalue_lies_within_the_residual_however_early_it_ends() -> None:
    eigenvalues = np.linspace(-1, 2, 200)
    matrix = symmetric(eigenvalues, 0)
    for products in (1, 3, 10, 30):
        found = extreme_eigenvalues(lambda v: matrix @ v, 200, np.random.default_rng(0), products=products)
        assert found.products == products + 2
        for end in (found.least, found.greatest):
            assert np.abs(eigenvalues - end.value).min() <= end.residual
    assert found.least.residual < 0.1


def test_no_copies_of_what_has_converged() -> None:
    """Large eigenvalues far apart converge at once. Without orthogonalising again, the basis drifts back to them, and as
    many products as there are eigenvalues do not do for the small ones."""
    eigenvalues = [-0.5, -0.49, *np.geomspace(1, 1e8, 60)]
    matrix = symmetric(eigenvalues, 0)
    found = extreme_eigenvalues(lambda v: matrix @ v, 62, np.random.default_rng(0), products=62, converged=0.0)
    assert found.least.value == pytest.approx(-0.5, abs=1e-6)
    assert found.greatest.value == pytest.approx(1e8)


@pytest.mark.parametrize(("hidden", "loss"), [("tanh", "ce"), ("sigmoid", "mse"), ("softplus", "bce"), ("relu", "ce")])
def test_beside_the_exact_hessian(hidden: str, loss: str) -> None:
    f, g, theta = network_at(hidden, loss)
    values, vectors = np.linalg.eigh(hessian(g, theta))
    v = np.random.default_rng(0).standard_normal(theta.size)
    np.testing.assert_allclose(hessian_product(g, theta)(v), hessian(g, theta) @ v, atol=1e-7)
    assert not hessian_product(g, theta)(0 * v).any()
    exact = stationary_point(g, theta, stationary_below=np.inf)
    found = stationary_point(g, theta, stationary_below=np.inf, exact_up_to=0)
    np.testing.assert_allclose(found.eigenvalues, values[[0, -1]], atol=found.tolerance)
    assert found.tolerance < 1e-5
    assert found.kind == exact.kind == "saddle"
    assert found.escape is not None
    assert abs(found.escape @ vectors[:, 0]) == pytest.approx(1, abs=1e-6)
    assert found.escape @ g(theta) <= 0
    assert f(theta + 0.01 * found.escape) < f(theta)


def test_float32() -> None:
    _, g, theta = network_at("tanh", "ce", np.float32)
    found = stationary_point(g, theta, stationary_below=np.inf, exact_up_to=0)
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(hessian(g, theta))[[0, -1]], atol=0.01)
    assert found.tolerance < 0.01
    assert found.kind == "saddle"


def test_the_two_ends_tell_every_kind() -> None:
    for eigenvalues, kind in (
        ([1.0, 2.0, 5.0], "minimum"),
        ([-1.0, 2.0, 0.0], "saddle"),
        ([-1.0, -2.0, 0.0], "maximum"),
        ([0.0, 2.0, 5.0], "plateau"),
    ):
        matrix = symmetric(eigenvalues, 3)
        found = stationary_point(lambda t, m=matrix: m @ t, np.zeros(3), exact_up_to=0)
        assert found.kind == kind
        assert stationary_point(lambda t, m=matrix: m @ t, np.zeros(3)).kind == kind


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="Hessian is not finite"):
        extreme_eigenvalues(lambda v: v * np.nan, 3, np.random.default_rng(0))


def test_the_hessian_beside_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    _, g, theta = network_at("tanh", "ce")
    x, y = (torch.tensor(array) for array in data(SIZES, 20, "ce", seed=1))

    def loss(flat: Any) -> Any:
        W1, b1, W2, b2 = (
            part.reshape(shape)
            for part, shape in zip(flat.split([48, 8, 24, 3]), [(6, 8), (8,), (8, 3), (3,)], strict=True)
        )
        return torch.nn.functional.cross_entropy(torch.tanh(x @ W1 + b1) @ W2 + b2, y)

    exact = torch.autograd.functional.hessian(loss, torch.tensor(theta)).numpy()
    np.testing.assert_allclose(hessian(g, theta), exact, atol=1e-9)
    ends = stationary_point(g, theta, stationary_below=np.inf, exact_up_to=0)
    np.testing.assert_allclose(ends.eigenvalues, np.linalg.eigvalsh(exact)[[0, -1]], atol=ends.tolerance)
