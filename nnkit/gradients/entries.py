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

#: how many nearby points are asked, at most, for the slopes of the smooth pieces that meet at a kink
_NEIGHBOURS = 64


class Status(IntEnum):
    """What is known about one entry."""

    OK = 0
    WRONG = 1
    KINKED = 2
    UNRESOLVED = 3


@dataclass
class Surface:
    """The loss around one point, and how well it can be known: what every measurement here needs.

    f: loss of a flat vector. theta (P,): the point. base: f(theta). noise: of f near theta. epsilon: of f's numbers.
    """

    f: Loss
    theta: NDArray[Any]
    rng: np.random.Generator
    base: float = field(init=False)
    noise: float = field(init=False)
    epsilon: float = field(init=False)
    steps: Vector = field(init=False)

    def __post_init__(self) -> None:
        value = self.f(self.theta)
        self.base = float(value)
        self.epsilon = machine_epsilon(value)
        self.noise = noise_level(self.f, self.theta, self.rng)
        self.steps = best_steps(self.theta, self.relative_noise, 1 / 3)
        self._work = self.theta.copy()

    @property
    def relative_noise(self) -> float:
        return self.noise / abs(self.base) if self.base else 0.0

    def along_entry(self, i: int, start: NDArray[Any] | None = None) -> Line:
        """The line through theta (or start) on which only entry i changes."""
        work = self._work if start is None else start
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
    if accused and _is_kinked(surface):
        _hear_the_neighbours(surface, verdicts, accused, analytic, rounding)
    return verdicts


def refine(surface: Surface, verdicts: Verdicts, which: NDArray[np.intp], analytic: Vector, limit: float) -> None:
    """Measure entries again (positions in `verdicts`) that are right one by one but too uncertain together."""
    for m in which:
        i = int(verdicts.entries[m])
        _measure_again(surface, verdicts, int(m), float(analytic[i]), 0.0, limit, patient=True)


def _screen(surface: Surface, entries: NDArray[np.intp]) -> tuple[Verdicts, Vector]:
    """A central difference for each entry, with the error that theory gives it, and the jump between its sides."""
    numeric, jumps = np.empty(entries.size), np.empty(entries.size)
    for m, i in enumerate(entries):
        line, h = surface.along_entry(int(i)), float(surface.steps[i])
        (right, above), (left, below) = line(h), line(-h)
        numeric[m] = (above - below) / (right - left)
        jumps[m] = (above - surface.base) / right + (below - surface.base) / -left
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
    """Does the loss have a kink at this point in any direction? Two random ones: kinks do not hide from both."""
    for _ in range(2):
        direction = surface.rng.standard_normal(surface.theta.size) * np.maximum(1.0, np.abs(surface.theta))
        if surface.directional_slope(direction / np.linalg.norm(direction)).kinked:
            return True
    return False


def _hear_the_neighbours(
    surface: Surface, verdicts: Verdicts, accused: list[int], analytic: Vector, rounding: Vector
) -> None:
    """Acquit entries whose analytic value belongs to the smooth pieces that meet at this point.

    Where several units sit on their kinks at once (two layers of ReLU, zero biases, an input of zeros), the slopes
    along one entry's own axis do not tell all: axis-parallel steps move the units in a fixed pattern. Backpropagation
    with its convention for the slope at 0 gives the slope of another pattern, or a mean of patterns. So the slope
    with respect to the entry is measured at nearby points in random directions, where nothing is kinked, and carried
    back to the point itself. On smooth ground all neighbours agree, and the entry stays wrong.
    """
    theta = surface.theta
    # Sixteen steps away: one kink in sixteen is still crossed by a difference there, and lands between the pieces.
    away = 16 * surface.steps
    pieces: dict[int, list[float]] = {m: [] for m in accused}
    errors: dict[int, list[float]] = {m: [] for m in accused}
    for heard in range(1, _NEIGHBOURS + 1):
        direction = surface.rng.uniform(-1.0, 1.0, theta.size)
        near, far = ((theta + part * away * direction).astype(theta.dtype) for part in (0.5, 1.0))
        for m in list(pieces):
            i = int(verdicts.entries[m])
            at_near, at_far = (_central(surface, i, point) for point in (near, far))
            pieces[m].append(2 * at_near - at_far)
            errors[m].append(abs(at_near - at_far) / 8 + 4 * surface.noise / surface.steps[i])
            bar = BARS * float(np.median(errors[m])) + rounding[i]
            if heard >= 4 and _within(float(analytic[i]), np.sort(pieces[m]), bar):
                verdicts.status[m] = Status.KINKED
                del pieces[m]
        if heard == 8:
            # On smooth ground eight neighbours that agree are enough to stand by the accusation.
            pieces = {m: p for m, p in pieces.items() if max(p) - min(p) > BARS * float(np.median(errors[m]))}


def _within(value: float, pieces: Vector, bar: float) -> bool:
    """Does a value belong to the range of the slopes (sorted) of pieces that meet at a kink?"""
    low, high = float(pieces[0]), float(pieces[-1])
    if not high - low > bar:
        return False
    # Two pieces only: both were seen. More: the sample need not hold the outermost, so its range is widened.
    two = bool(np.all((pieces - low < bar) | (high - pieces < bar)))
    margin = 0.0 if two else high - low
    return low - margin - bar <= value <= high + margin + bar


def _central(surface: Surface, i: int, point: NDArray[Any]) -> float:
    line, h = surface.along_entry(i, point), float(surface.steps[i])
    (right, above), (left, below) = line(h), line(-h)
    return (above - below) / (right - left)
