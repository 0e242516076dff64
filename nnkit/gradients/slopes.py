"""One slope, measured as well as function values allow, with kinks recognised from the values alone.

The function is followed along a line at shrinking steps. At each step h there are two numbers:

    D(h) = (f(+h) - f(-h)) / 2h             the central slope:  f' + h^2 ..., on a smooth line
    J(h) = (f(+h) + f(-h) - 2 f(0)) / h     the jump between the one-sided slopes:  h f'' + h^3 ..., on a smooth line

Both are extrapolated to h = 0 (Richardson; Ridders 1982 for choosing the level by its own error). On a smooth line the
jump goes to zero with h. At a kink (ReLU at 0) it does not: one-sided slopes D +- J/2 differ at every step. A kink
nearby disturbs only steps that reach it, so the level is chosen whose slope has the smallest error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

#: t -> (the displacement really taken, f there)
Line = Callable[[float], tuple[float, float]]

#: the first step, relative to the scale of the parameter
_FIRST = 2.0**-3
#: how many error bars make a difference: estimated bars are right within a factor of 3 or so, not to the percent
BARS = 8.0


@dataclass(frozen=True)
class Slope:
    """The slope of f along a line at its origin.

    value: the central slope. error: how far off it may be. jump: right slope minus left slope at a kink, 0.0 on a
    smooth line; then the one-sided slopes are value -+ jump/2, each within error.
    """

    value: float
    error: float
    jump: float = 0.0

    @property
    def kinked(self) -> bool:
        return self.jump != 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The one-sided slopes, the smaller first."""
        half = abs(self.jump) / 2
        return self.value - half, self.value + half


def measure_slope(
    line: Line,
    base: float,
    *,
    noise: float,
    scale: float,
    epsilon: float,
    enough: Callable[[Slope], bool] | None = None,
) -> Slope:
    """The slope of f along `line`, base = f at its origin.

    noise: of f near the origin; epsilon: relative noise of f's values, for noise that grows with f. scale: of the
    parameter, max(1, |theta_i|). enough: stop as soon as this is true of the best slope so far. Costs 2 evaluations a
    step, about 11 steps in float64 and 8 in float32. Where f is not finite at too many steps: value nan, error inf.
    """
    relative = min(max(noise / abs(base) if base else 0.0, epsilon), 1e-4)
    # Below sqrt(eps) rounding has eaten half of the digits of a one-sided slope: no smaller step tells more.
    last = 4 * math.sqrt(relative) * scale
    # Four steps make a slope; a noisy function has too few decades between first and last to spend 64-fold on each.
    ratio = 4.0 if relative < 1e-10 else 2.0
    slopes: list[float] = []
    jumps: list[float] = []
    best = Slope(math.nan, math.inf)
    finer: list[tuple[float, float]] = []
    h = _FIRST * scale
    while h >= last or len(slopes) < 5:
        (right, above), (left, below) = line(h), line(-h)
        h /= ratio
        if not (math.isfinite(above) and math.isfinite(below)):
            slopes, jumps = [], []
            if h < 1e-3 * last:
                break
            continue
        slopes.append((above - below) / (right - left))
        jumps.append((above - base) / right - (base - below) / -left)
        if len(slopes) >= 4:
            rounding = (noise + epsilon * max(abs(above), abs(below))) / right
            candidate = _extrapolate(slopes[-4:], jumps[-4:], rounding, ratio)
            finer.append((candidate.value, rounding))
            if candidate.error < best.error:
                best, finer = candidate, []
            if enough is not None and enough(best):
                break
    # Smaller steps are less precise, but what they see beyond their rounding the chosen step was blind to: kinks so
    # near that every step crosses them.
    unseen = max((abs(value - best.value) - BARS * rounding for value, rounding in finer), default=0.0)
    return replace(best, error=best.error + max(unseen, 0.0))


def _extrapolate(slopes: list[float], jumps: list[float], rounding: float, ratio: float) -> Slope:
    """The limit h -> 0 from four steps, each `ratio` times smaller than the one before."""
    first = _without(2, slopes, ratio)
    before, value = _without(4, first, ratio)
    linear = _without(1, jumps[1:], ratio)
    (jump,) = _without(3, linear, ratio)
    # The last extrapolation must make little difference, and so must a step more or less: the second is what notices a
    # line that is not smooth (t |t|, or a kink nearby), where extrapolation promises more than it keeps.
    error = max(abs(value - first[-1]), abs(value - before)) + 1.2 * rounding
    error += 2 * float(np.finfo(np.float64).eps) * abs(value)
    if abs(jump) > BARS * (abs(jump - linear[-1]) + 4 * rounding):
        return Slope(value, error, jump)
    # No jump that stands out from its own uncertainty: whatever there is of it counts as error.
    return Slope(value, error + abs(jump) / 2)


def _without(power: int, values: list[float], ratio: float) -> list[float]:
    """Richardson: neighbouring values combined so that the error term h^power cancels."""
    factor = ratio**power
    return [(factor * fine - coarse) / (factor - 1) for coarse, fine in pairwise(values)]
