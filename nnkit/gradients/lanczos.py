"""The extreme curvatures of a loss with many parameters, without its Hessian.

A Hessian of P parameters has P^2 entries: those of 784-30-10 take 4.5 GB. Its product with one vector takes two
gradients, and Lanczos's iteration (1950) needs nothing else. From a random start it builds an orthonormal basis of
v, Hv, HHv, ... in which H is a tridiagonal matrix T. The extreme eigenvalues of T are soon those of H, often after
fewer than a hundred products.

In floating point, new vectors lose their orthogonality to the old ones just as eigenvalues converge, and copies of
these appear. So each is made orthogonal to all before it, twice (full reorthogonalisation; Parlett 1998, chapter 13).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.numerical import best_steps, flat_floats

Vector = NDArray[np.float64]
Gradient = Callable[[NDArray[Any]], NDArray[Any]]
Product = Callable[[Vector], Vector]

#: products at most; each keeps one vector of P numbers
PRODUCTS = 100
#: an eigenvalue has converged when its residual is below this share of the largest
CONVERGED = 1e-6


@dataclass(frozen=True, eq=False)
class Eigenpair:
    """A value, its unit vector (P,), and the norm of the residual H v - value v.

    H being symmetric, one of its eigenvalues lies within `residual` of `value`. That it is the least or the greatest of
    them is not proved by that: a start at right angles to a direction never sees it, which a random one is not.
    """

    value: float
    vector: Vector
    residual: float


@dataclass(frozen=True, eq=False)
class Extremes:
    """The least and the greatest eigenvalue; products: how many of H with a vector were taken."""

    least: Eigenpair
    greatest: Eigenpair
    products: int


def hessian_product(gradient: Gradient, theta: NDArray[Any], *, times: float = 1.0) -> Product:
    """v -> H v at theta (P,), by a central difference of the gradient along v. Costs two calls of it.

    The step along v is that of theory for a parameter of the size that theta has on average, or so many `times` that.
    """
    theta = flat_floats(theta)
    size = np.array([np.sqrt(np.mean(theta.astype(np.float64) ** 2))])
    h = times * float(best_steps(size, float(np.finfo(theta.dtype).eps), 1 / 3)[0])

    def product(v: Vector) -> Vector:
        length = float(np.linalg.norm(v))
        if length == 0.0:
            return np.zeros(theta.size)
        step = h / length * v
        right, left = ((theta + s).astype(theta.dtype) for s in (step, -step))
        difference = np.asarray(gradient(right), dtype=np.float64) - np.asarray(gradient(left), dtype=np.float64)
        return difference * (length / (2 * h))

    return product


def extreme_eigenvalues(
    product: Product,
    size: int,
    rng: np.random.Generator,
    *,
    products: int = PRODUCTS,
    converged: float = CONVERGED,
    other_product: Product | None = None,
) -> Extremes:
    """Both ends of the spectrum of a symmetric (size, size) matrix, given by its product with a vector.

    Ends when both residuals are at most `converged` times the largest eigenvalue in size, or after so many `products`,
    and then measures the residuals with one product more for each, or with `other_product`: the same with errors of
    another size, such as differences over other steps, which then show in the residuals. Raises ValueError where a
    product is not finite.
    """
    basis = np.empty((min(products, size), size))
    diagonal: list[float] = []
    beside: list[float] = []
    v = rng.standard_normal(size)
    v /= np.linalg.norm(v)
    for k in range(len(basis)):
        basis[k] = v
        w = product(v)
        if not np.all(np.isfinite(w)):
            raise ValueError("the Hessian is not finite here: there is no curvature to speak of")
        diagonal.append(float(v @ w))
        for _ in range(2):
            w = w - (basis[: k + 1] @ w) @ basis[: k + 1]
        beside.append(float(np.linalg.norm(w)))
        values, vectors = _tridiagonal(diagonal, beside)
        largest = float(np.max(np.abs(values)))
        # The part of H (Q s) - value (Q s) outside the basis is the last entry of s times the norm left over.
        left = beside[-1] * np.abs(vectors[-1, [0, -1]])
        if left.max() <= max(converged, float(np.finfo(np.float64).eps)) * largest or beside[-1] == 0.0:
            break
        v = w / beside[-1]
    ends = [
        _measured(other_product or product, float(values[i]), vectors[:, i] @ basis[: len(diagonal)]) for i in (0, -1)
    ]
    return Extremes(ends[0], ends[1], len(diagonal) + 2)


def _tridiagonal(diagonal: list[float], beside: list[float]) -> tuple[Vector, NDArray[np.float64]]:
    below = np.array(beside[:-1])
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(below, 1) + np.diag(below, -1))
    return values, vectors


def _measured(product: Product, value: float, vector: Vector) -> Eigenpair:
    """With the residual as it is, not as it follows from the iteration: what rounding did on the way is in it, too."""
    vector = vector / np.linalg.norm(vector)
    return Eigenpair(value, vector, float(np.linalg.norm(product(vector) - value * vector)))
