"""Why training stands still: the curvature of the loss where its gradient is (nearly) zero.

The second-order Taylor expansion around a point with zero gradient is half of d' H d. The eigenvalues of the Hessian H
tell what lies there: all positive a minimum, all negative a maximum, of both signs a saddle point, from which there is
a way down along an eigenvector of a negative eigenvalue. Some that cannot be told from zero and no negative one: a
plateau or a flat valley. Of a large network the two extreme eigenvalues are found without the Hessian
(`nnkit.gradients.lanczos`); they decide the kind just as all of them do. Sources: S1.1, S1.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.lanczos import CONVERGED, PRODUCTS, extreme_eigenvalues, hessian_product
from nnkit.gradients.numerical import best_steps, flat_floats

Gradient = Callable[[NDArray[Any]], NDArray[Any]]
Kind = Literal["saddle", "minimum", "maximum", "plateau", "not stationary"]

#: largest norm of the gradient of a point that counts as stationary; where XOR runs stand still it is 1e-5 and less
STATIONARY = 1e-4
#: up to so many parameters the whole Hessian is made, of which all eigenvalues are to be had
EXACT = 300


@dataclass(frozen=True, eq=False)
class StationaryPoint:
    """What kind of point it is.

    eigenvalues (m,): of the Hessian, ascending; all P of them, or the least and the greatest where P is large.
    gradient_norm: Euclidean. tolerance: eigenvalues within +-tolerance count as zero, being no larger than the error of
    the differences that the Hessian is made of, or of the iteration. escape (P,): unit vector of the most negative
    curvature, pointing downhill where the gradient tells; None without negative curvature.
    """

    kind: Kind
    eigenvalues: NDArray[np.float64]
    gradient_norm: float
    tolerance: float
    escape: NDArray[np.float64] | None

    @property
    def negative(self) -> int:
        """How many of these directions go down."""
        return int(np.sum(self.eigenvalues < -self.tolerance))

    @property
    def positive(self) -> int:
        """How many of these directions go up."""
        return int(np.sum(self.eigenvalues > self.tolerance))

    @property
    def flat(self) -> int:
        """How many of these directions cannot be told from flat."""
        return self.eigenvalues.size - self.negative - self.positive


def hessian(gradient: Gradient, theta: NDArray[Any]) -> NDArray[np.float64]:
    """The matrix of second derivatives (P, P) at theta, by central differences of an analytic gradient, symmetrised.

    gradient: theta (P,) -> (P,). Costs 2 P calls of it. The step is eps^(1/3) max(1, |theta_i|), where eps is the
    machine epsilon of theta's float type.
    """
    theta = flat_floats(theta)
    rows = _rows(gradient, theta, best_steps(theta, float(np.finfo(theta.dtype).eps), 1 / 3))
    return (rows + rows.T) / 2


def classify_stationary_point(
    eigenvalues: NDArray[np.float64],
    gradient_norm: float,
    *,
    tolerance: float,
    escape: NDArray[np.float64] | None = None,
    stationary_below: float = STATIONARY,
) -> StationaryPoint:
    """The verdict from the Hessian's eigenvalues and the gradient's norm; see StationaryPoint.

    Directions that count as zero do not turn a saddle into anything else, but a point without negative and with some
    zero eigenvalues is a plateau: a step along them may well go down, the second order does not say.
    Raises ValueError where an eigenvalue or the norm is not finite.
    """
    values = np.sort(np.asarray(eigenvalues, dtype=np.float64))
    if not (np.all(np.isfinite(values)) and np.isfinite(gradient_norm)):
        raise ValueError("the Hessian or the gradient is not finite here: there is no curvature to speak of")
    down, up = bool(values[0] < -tolerance), bool(values[-1] > tolerance)
    zeros = bool(np.any(np.abs(values) <= tolerance))
    kind: Kind
    if gradient_norm > stationary_below:
        kind = "not stationary"
    elif down and up:
        kind = "saddle"
    elif zeros and not down:
        kind = "plateau"
    elif down:
        # Flat directions beside falling ones: it can be left downhill, which is all that a maximum has to say.
        kind = "maximum"
    else:
        kind = "minimum"
    return StationaryPoint(kind, values, float(gradient_norm), float(tolerance), escape if down else None)


def stationary_point(
    gradient: Gradient, theta: NDArray[Any], *, stationary_below: float = STATIONARY, exact_up_to: int = EXACT
) -> StationaryPoint:
    """What kind of point theta is, with the curvature there; see StationaryPoint.

    Costs 4 P + 2 gradient calls; above `exact_up_to` parameters, 2 for each of `PRODUCTS` at most, whatever P.
    """
    slope = np.asarray(gradient(theta), dtype=np.float64)
    if not np.all(np.isfinite(slope)):
        raise ValueError("the gradient is not finite here: there is no curvature to speak of")
    find = _all_eigenvalues if flat_floats(theta).size <= exact_up_to else _extreme_eigenvalues
    eigenvalues, escape, tolerance = find(gradient, theta)
    return classify_stationary_point(
        eigenvalues,
        float(np.linalg.norm(slope)),
        tolerance=tolerance,
        escape=-escape if escape @ slope > 0 else escape,
        stationary_below=stationary_below,
    )


def _all_eigenvalues(gradient: Gradient, theta: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """(eigenvalues (P,), the vector of the least, how far off they may be)."""
    matrix, error = _hessian_and_error(gradient, theta)
    if not np.all(np.isfinite(matrix)):
        raise ValueError("the Hessian is not finite here: there is no curvature to speak of")
    eigenvalues, vectors = np.linalg.eigh(matrix)
    # An error E in a symmetric matrix moves no eigenvalue by more than |E| (Weyl's inequality), which the Frobenius norm
    # bounds. The eigenvalues themselves are computed to about P epsilon times the largest.
    size = float(np.finfo(flat_floats(theta).dtype).eps) * eigenvalues.size * float(np.max(np.abs(eigenvalues)))
    return eigenvalues, vectors[:, 0], float(np.linalg.norm(error)) + size


def _extreme_eigenvalues(
    gradient: Gradient, theta: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """(the least and the greatest (2,), the vector of the least, how far off they may be)."""
    # Differences of a narrower float type are no better than this, however long the iteration goes on.
    converged = max(CONVERGED, float(np.finfo(theta.dtype).eps) ** (2 / 3))
    found = extreme_eigenvalues(
        hessian_product(gradient, theta),
        theta.size,
        np.random.default_rng(0),
        products=PRODUCTS,
        converged=converged,
        other_product=hessian_product(gradient, theta, times=2),
    )
    ends = np.array([found.least.value, found.greatest.value])
    return ends, found.least.vector, max(found.least.residual, found.greatest.residual)


def _hessian_and_error(gradient: Gradient, theta: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The Hessian and the estimated error of each entry (P, P): truncation from twice the step, rounding, asymmetry."""
    theta = flat_floats(theta)
    epsilon = float(np.finfo(theta.dtype).eps)
    steps = best_steps(theta, epsilon, 1 / 3)
    near, far = (_rows(gradient, theta, factor * steps) for factor in (1, 2))
    size = float(np.max(np.abs(np.asarray(gradient(theta), dtype=np.float64)), initial=0.0))
    rounding = epsilon * size / steps[:, None] + epsilon * np.abs(near)
    # The two halves of a Hessian come from different differences; they agree as well as both are right.
    error = np.abs(far - near) / 3 + rounding + np.abs(near - near.T) / 2
    return (near + near.T) / 2, (error + error.T) / 2


def _rows(gradient: Gradient, theta: NDArray[Any], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row i is the central difference of the gradient over steps[i] to both sides of theta_i."""
    rows = np.empty((theta.size, theta.size))
    for i, h in enumerate(steps):
        right, left = theta.copy(), theta.copy()
        right[i] += h
        left[i] -= h
        difference = np.asarray(gradient(right), dtype=np.float64) - np.asarray(gradient(left), dtype=np.float64)
        rows[i] = difference / (float(right[i]) - float(left[i]))
    return rows
