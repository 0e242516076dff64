"""The verdict on single entries of a gradient: quick where all is well, thorough where something looks wrong.

Every entry is screened with one central difference. What agrees is done: two evaluations. What does not agree, or shows
a kink, is measured again with `measure_slope`, whose error bar is honest. An entry is wrong only if it differs by more
than its error bars AND by more than the relative limit. At a kink the loss has no slope but a range of slopes: there
the analytic value must lie within the range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.noise import machine_epsilon, noise_level
from nnkit.gradients.numerical import best_steps
from nnkit.gradients.slopes import BARS, Line, Slope, measure_slope

Loss = Callable[[NDArray[Any]], Any]
Vector = NDArray[np.float64]

#: how many nearby points are asked where a kink may excuse an entry
_NEIGHBOURS = 16
#: how many accused entries are heard before the first acquittal
_BUNCH = 32


class Status(IntEnum):
    """What is known about one entry."""

    OK = 0
    WRONG = 1
    KINKED = 2
    UNRESOLVED = 3


@dataclass
class Surface:
    """The loss around one point, and how well it can be known: what every measurement here needs.

    f: loss of a flat vector. theta (P,): the point. turned: parameters of a network that says the opposite, whose loss
    shows how large the terms are that f is the difference of. gradient: the one under test, as a function of theta.
    shapes: of the parameters. base: f(theta). noise: of f near theta, absolute. precision: relative noise of the
    computation as a whole. epsilon: of f's numbers.
    """

    f: Loss
    theta: NDArray[Any]
    turned: NDArray[Any]
    gradient: Callable[[NDArray[Any]], NDArray[Any]]
    shapes: tuple[tuple[int, ...], ...]
    rng: np.random.Generator
    base: float = field(init=False)
    noise: float = field(init=False)
    precision: float = field(init=False)
    epsilon: float = field(init=False)
    steps: Vector = field(init=False)

    def __post_init__(self) -> None:
        # theta is also the work array on which lines are walked, so it must be our own
        self.theta = self.theta.copy()
        value = self.f(self.theta)
        self.base = float(value)
        self.epsilon = machine_epsilon(value)
        opposite = float(self.f(self.turned))
        opposite = abs(opposite) if math.isfinite(opposite) else 0.0
        self.noise = max(noise_level(self.f, self.theta, self.rng), self.epsilon * opposite)
        largest = max(abs(self.base), opposite)
        self.precision = max(self.noise / largest if largest else 0.0, self.epsilon)
        self.steps = best_steps(self.theta, self.relative_noise, 1 / 3)

    @property
    def relative_noise(self) -> float:
        return self.noise / abs(self.base) if self.base else 0.0

    def owner(self, entries: NDArray[np.intp] | np.intp) -> NDArray[np.intp]:
        """Which parameter (its position) each entry of theta belongs to."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])
        return np.searchsorted(ends, entries, side="right")

    def along_entry(self, i: int, point: NDArray[Any] | None = None) -> Line:
        """The line through theta (or another point) on which only entry i changes."""
        work = self.theta if point is None else point
        here = work[i]

        def line(t: float) -> tuple[float, float]:
            work[i] = float(here) + t
            displacement = float(work[i]) - float(here)
            try:
                return displacement, float(self.f(work))
            finally:
                work[i] = here

        return line

    def along(self, direction: Vector) -> Line:
        """The line theta + t direction."""

        def line(t: float) -> tuple[float, float]:
            return t, float(self.f((self.theta + t * direction).astype(self.theta.dtype)))

        return line

    def slope(self, i: int, enough: Callable[[Slope], bool] | None = None) -> Slope:
        """The slope with respect to entry i, measured thoroughly."""
        scale = max(1.0, abs(float(self.theta[i])))
        return measure_slope(
            self.along_entry(i), self.base, noise=self.noise, scale=scale, epsilon=self.epsilon, enough=enough
        )

    def directional_slope(self, direction: Vector) -> Slope:
        """The slope along a direction (P,), measured thoroughly."""
        noise = self.noise
        if self.theta.dtype != np.float64:
            # Each float32 entry lands up to half a spacing beside the line; the errors add up like a random walk.
            noise += float(np.finfo(self.theta.dtype).eps) * abs(self.base) * math.sqrt(np.count_nonzero(direction))
        return measure_slope(self.along(direction), self.base, noise=noise, scale=1.0, epsilon=self.epsilon)


@dataclass(eq=False)
class Verdicts:
    """Per entry looked at: the flat index, the numerical slope, its error bar and the status (a Status each)."""

    entries: NDArray[np.intp]
    numeric: Vector
    errors: Vector
    status: NDArray[np.int8]

    def within(self, part: slice) -> Verdicts:
        """Those of the entries that lie in one part of the flat vector."""
        chosen = (self.entries >= part.start) & (self.entries < part.stop)
        return Verdicts(self.entries[chosen], self.numeric[chosen], self.errors[chosen], self.status[chosen])


def judge_entries(
    surface: Surface, analytic: Vector, rounding: Vector, entries: NDArray[np.intp], limit: float
) -> Verdicts:
    """Compare analytic[entries] with the loss itself.

    analytic (P,): the gradient to judge. rounding (P,): how far it may be off by its own rounding. limit: relative
    difference that an entry may have.
    """
    verdicts, jumps = _screen(surface, entries)
    own = analytic[entries]
    difference = np.abs(own - verdicts.numeric)
    size = np.maximum(np.abs(own), np.abs(verdicts.numeric))
    # Rounding alone explains four noises over a step; half the limit leaves room for the error of the screening itself.
    beyond = difference > 4 * surface.noise / surface.steps[entries] + rounding[entries]
    agrees = ~(beyond & (difference > limit / 2 * size)) & np.isfinite(difference)
    # On a smooth line the one-sided slopes differ by h f''. A kink worth naming shows as more than a hundredth of the
    # slope; steeply bent smooth lines do as well, and are told apart by the thorough measurement.
    bent = (np.abs(jumps) > 0.01 * size) & (np.abs(jumps) > 16 * surface.noise / surface.steps[entries])
    accused = []
    for m in np.flatnonzero(~(agrees & ~bent)):
        if not _measure_again(surface, verdicts, int(m), float(own[m]), float(rounding[entries[m]]), limit):
            accused.append(int(m))
    if accused:
        _hear_the_neighbours(surface, verdicts, accused, rounding, limit)
    return verdicts


def refine(
    surface: Surface, verdicts: Verdicts, which: NDArray[np.intp], analytic: Vector, rounding: Vector, limit: float
) -> None:
    """Measure entries again (positions in `verdicts`) that are right one by one but too uncertain together."""
    accused = []
    for m in map(int, which):
        i = int(verdicts.entries[m])
        if not _measure_again(surface, verdicts, m, float(analytic[i]), float(rounding[i]), limit, patient=True):
            accused.append(m)
    if accused:
        _hear_the_neighbours(surface, verdicts, accused, rounding, limit)


def _screen(surface: Surface, entries: NDArray[np.intp]) -> tuple[Verdicts, Vector]:
    """A central difference for each entry, with the error that theory gives it, and the jump between its sides."""
    numeric, jumps = np.empty(entries.size), np.empty(entries.size)
    for m, i in enumerate(entries):
        numeric[m], jumps[m] = _central(surface, int(i), surface.theta, surface.base)
    largest = float(np.max(np.abs(numeric[np.isfinite(numeric)]), initial=0.0))
    truncation = max(surface.relative_noise, surface.epsilon) ** (2 / 3) * largest
    errors = surface.noise / surface.steps[entries] + truncation
    return Verdicts(entries, numeric, errors, np.zeros(entries.size, dtype=np.int8)), jumps


def _measure_again(
    surface: Surface,
    verdicts: Verdicts,
    m: int,
    analytic: float,
    rounding: float,
    limit: float,
    patient: bool = False,
) -> bool:
    """Measure entry m thoroughly and set its verdict. False where the entry is wrong."""

    def settled(slope: Slope) -> bool:
        size = max(abs(slope.value), abs(analytic))
        within = abs(slope.value - analytic) <= BARS * slope.error + rounding
        return not slope.kinked and within and slope.error <= limit / 16 * size

    slope = surface.slope(int(verdicts.entries[m]), None if patient else settled)
    verdicts.numeric[m], verdicts.errors[m] = slope.value, slope.error
    low, high = slope.interval
    outside = max(low - analytic, analytic - high)
    size = max(abs(analytic), abs(low), abs(high))
    if not math.isfinite(analytic):
        status = Status.WRONG
    elif not math.isfinite(slope.error):
        status = Status.UNRESOLVED
    elif outside > BARS * slope.error + rounding and outside > limit * size:
        status = Status.WRONG
    else:
        status = Status.KINKED if slope.kinked else Status.OK
    verdicts.status[m] = status
    return status != Status.WRONG


def _is_kinked(surface: Surface) -> bool:
    """Does the loss have a kink at this point in some random direction? Few kinks hide from eight of them."""
    for _ in range(8):
        direction = surface.rng.standard_normal(surface.theta.size) * np.maximum(1.0, np.abs(surface.theta))
        if surface.directional_slope(direction / np.linalg.norm(direction)).kinked:
            return True
    return False


def _hear_the_neighbours(
    surface: Surface, verdicts: Verdicts, accused: list[int], rounding: Vector, limit: float
) -> None:
    """Acquit entries whose gradient is right everywhere beside this point, though not at the point itself.

    Where several units sit on their kinks at once (two layers of ReLU, zero biases, an input of zeros), the slopes
    along one entry's own axis do not bound what backpropagation may say there: an axis-parallel step moves the units in
    a fixed pattern, and a convention for the slope at 0 belongs to another pattern. No loss can tell which is right
    (Kakade and Lee 2018). Beside the point there are slopes, and there the gradient must be right: a wrong formula is
    wrong there, too. The biases of the last hidden layer are not excused: each moves one unit, and nothing after that
    unit has kinks, so its one-sided slopes do bound the value.
    """
    accused = [m for m in accused if not _bounded(surface, int(surface.owner(verdicts.entries[m])))]
    if not accused or not (np.any(verdicts.status == Status.KINKED) or _is_kinked(surface)):
        return
    # A fault in the network accuses many entries and kinks acquit none of them: then a sample is heard, not all.
    waiting = [int(m) for m in surface.rng.permutation(accused)]
    while waiting:
        bunch, waiting = waiting[:_BUNCH], waiting[_BUNCH:]
        acquitted = _right_beside(surface, verdicts.entries[bunch], rounding, limit)
        verdicts.status[np.array(bunch)[acquitted]] = Status.KINKED
        if not np.any(acquitted):
            break


def _bounded(surface: Surface, k: int) -> bool:
    """Is parameter k a bias with at most one weight matrix after it, in a network precise enough to tell its kinks apart?

    Steps of a float32 loss are so large (1e-3) that a second kink often lies within the smallest.
    """
    last_hidden = len(surface.shapes[k]) == 1 and sum(len(shape) > 1 for shape in surface.shapes[k + 1 :]) <= 1
    return last_hidden and surface.precision < 1e-10


def _right_beside(surface: Surface, entries: NDArray[np.intp], rounding: Vector, limit: float) -> NDArray[np.bool_]:
    """For each entry: is the gradient right at random points nearby?"""
    right, wrong = np.zeros(entries.size, dtype=int), np.zeros(entries.size, dtype=int)
    for _ in range(_NEIGHBOURS):
        # A hundred steps away, so that differences there hardly ever reach back to a kink.
        signs = surface.rng.choice([-1.0, 1.0], surface.theta.size)
        offset = 128 * surface.steps * signs * surface.rng.uniform(0.25, 1.0, surface.theta.size)
        point = (surface.theta + offset).astype(surface.theta.dtype)
        analytic = surface.gradient(point)[entries]
        base = float(surface.f(point))
        numeric, jump = np.array([_central(surface, int(i), point, base) for i in entries]).T
        size = np.maximum(np.abs(analytic), np.abs(numeric))
        truncation = max(surface.relative_noise, surface.epsilon) ** (2 / 3) * float(np.max(size))
        bars = BARS * (surface.noise / surface.steps[entries] + truncation) + rounding[entries]
        difference = np.abs(analytic - numeric)
        agree = difference <= bars + limit * size
        # Where both are nothing, a dead unit is between the entry and the loss, which proves neither.
        right += agree & (size > bars)
        # A difference quotient that crosses a kink proves nothing either; it is off by half the jump at most.
        wrong += ~agree & ~(difference <= np.abs(jump) + bars)
    found: NDArray[np.bool_] = 4 * wrong <= right
    return found


def _central(surface: Surface, i: int, point: NDArray[Any], base: float) -> tuple[float, float]:
    """The central slope with respect to entry i at another point, and the jump between the two halves."""
    line, h = surface.along_entry(i, point), float(surface.steps[i])
    (right, above), (left, below) = line(h), line(-h)
    return (above - below) / (right - left), (above - base) / right + (below - base) / -left
