"""How noisy a computed function is: the size of the rounding errors in f near a point.

A computed loss is a smooth function plus rounding noise. No difference quotient can be better than that noise allows,
so every error bar and every step size in this package begins here. The noise is measured, not assumed: a network may
keep float64 parameters and still compute in float32 inside.

Method: a table of differences along a line. Each column takes the difference of its neighbour, which shrinks the smooth
part by a power of the spacing and leaves the noise as large as it was, up to a known factor. The column where the table
stops shrinking shows the noise. Source: More and Wild (2011), "Estimating computational noise".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: values on a line (so 6 columns of differences) and number of lines
_POINTS = 7
_LINES = 3
#: spacings of the points to try, relative to max(1, |theta_i|). The finer keeps kinks at a distance. A function that
#: computes in float32 inside does not react to it, and is seen by the coarser.
_SPACINGS = (1e-9, 1e-6)


def noise_level(f: Callable[[NDArray[Any]], Any], theta: NDArray[Any], rng: np.random.Generator) -> float:
    """The size (standard deviation) of the rounding noise of f near theta; at least machine epsilon times |f(theta)|.

    f: function of a 1-D array, float valued. theta: float32 or float64. Machine epsilon is that of the number that f
    returns. Costs 19 evaluations, up to 95 where f hardly moves. Lines start at theta and go one way, so that a kink at
    theta itself (ReLU at 0) is not taken for noise, and the median of three lines counts, so that one kink elsewhere is
    not either. Returns nan where f(theta) is not finite.
    """
    value = f(theta)
    centre = float(value)
    if not math.isfinite(centre):
        return math.nan
    floor = machine_epsilon(value) * abs(centre)
    estimates = []
    for _ in range(_LINES):
        direction = rng.choice([-1.0, 1.0], size=theta.size) * rng.uniform(0.5, 1.0, size=theta.size)
        direction *= np.maximum(1.0, np.abs(theta))
        for spacing in _SPACINGS:
            # A float32 theta has points only every 1.2e-7; 64 of these keep the line straight.
            step = max(spacing, 64 * float(np.finfo(theta.dtype).eps)) * direction
            values = np.array([centre] + [float(f((theta + k * step).astype(theta.dtype))) for k in range(1, _POINTS)])
            lively = np.unique(values).size > _POINTS // 2
            if lively:
                break
        if np.all(np.isfinite(values)):
            estimates.append(_noise_of_table(values))
    # A table of zeros says nothing either: a straight line in steps of whole roundings.
    if not lively or 0.0 in estimates:
        floor = max(floor, _quantum(f, theta, direction, centre))
    return max(floor, float(np.median(estimates))) if estimates else floor


def machine_epsilon(value: Any) -> float:
    """The machine epsilon of the floating type of a number; float64's for Python floats and integers."""
    dtype = np.asarray(value).dtype
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else float(np.finfo(np.float64).eps)


def _noise_of_table(values: NDArray[np.float64]) -> float:
    """The noise from equally spaced values: the first column that its two successors confirm within a factor of 4."""
    sigmas, mixed = [], []
    column = values
    for order in range(1, values.size):
        column = np.diff(column)
        # The variance of an order-th difference of independent noise is (2k)!/(k!)^2 times the noise's own.
        gamma = math.factorial(order) ** 2 / math.factorial(2 * order)
        sigmas.append(math.sqrt(gamma * float(np.mean(column**2))))
        mixed.append(bool(column.min() < 0 < column.max()))
    for order in range(len(sigmas) - 2):
        three = sigmas[order : order + 3]
        if mixed[order] and max(three) <= 4 * min(three):
            return sigmas[order]
    # No plateau: the table still shrinks at its end, or is all zeros. Its middle bounds the noise from above.
    return min(sigmas[1:4])


def _quantum(f: Callable[[NDArray[Any]], Any], theta: NDArray[Any], direction: NDArray[Any], centre: float) -> float:
    """The smallest change that f makes on a line from theta; 0.0 if it never moves.

    A float32 loss in the clothes of a float64 moves in jumps of 6e-8, and the jump stays however closely it is looked
    at; where a function merely is flat, or starts to move at a kink, the change becomes as small as one likes.
    """

    def change(t: float) -> float:
        return abs(float(f((theta + t * direction).astype(theta.dtype))) - centre)

    still, moved = 0.0, _SPACINGS[-1]
    while not (size := change(moved)) > 0:
        still, moved = moved, 8 * moved
        if moved > 1:
            return 0.0
    for _ in range(50):
        middle = (still + moved) / 2
        if (smaller := change(middle)) > 0:
            moved, size = middle, smaller
        else:
            still = middle
    return size if math.isfinite(size) else 0.0
