"""The verdict on single entries of a gradient: quick where all is well, thorough where something looks wrong.

Every entry is screened with one central difference. What agrees is done: two evaluations. What does not agree, or shows
a kink, is measured again with `measure_slope`, whose error bar is honest. An entry is wrong only if it differs by more
than its error bars AND by more than the relative limit. At a kink the loss has no slope but a range of slopes: there
the analytic value must lie within the range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
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
_BUNCH = 4
#: along how many random directions kinks are looked for before an accusation stands without a hearing
_LOOKS = 3
#: below this relative noise steps are so short that a kink is told from a bend
PRECISE = 1e-10


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
    computation as a whole, what machine epsilon would be if nothing but one rounding happened; measured if not given.
    """

    f: Loss
    theta: NDArray[Any]
    turned: NDArray[Any]
    gradient: Callable[[NDArray[Any]], NDArray[Any]]
    shapes: tuple[tuple[int, ...], ...]
    rng: np.random.Generator
    precision: float = math.nan
    base: float = field(init=False)
    noise: float = field(init=False)
    steps: Vector = field(init=False)

    def __post_init__(self) -> None:
        # theta is also the work array on which lines are walked, so it must be our own
        self.theta = self.theta.copy()
        value = self.f(self.theta)
        self.base = float(value)
        self.noise = noise_level(self.f, self.theta, self.rng)
        opposite = float(self.f(self.turned))
        opposite = abs(opposite) if math.isfinite(opposite) else 0.0
        if math.isnan(self.precision):
            self.precision = max(self._relative_noise_where_large(opposite), machine_epsilon(value))
        self.noise = max(self.noise, self.precision * opposite)
        self.steps = best_steps(self.theta, self.relative_noise, 1 / 3)

    def _relative_noise_where_large(self, opposite: float) -> float:
        """A loss may be computed in float32 and handed out as a float64. Near zero it does not show that: it stands
        still for small steps. Where it is large, the roundings are seen."""
        if opposite > abs(self.base):
            return noise_level(self.f, self.turned, self.rng) / opposite
        return self.relative_noise

    @property
    def relative_noise(self) -> float:
        return self.noise / abs(self.base) if self.base else 0.0

    def owner(self, entries: NDArray[np.intp] | int) -> NDArray[np.intp]:
        """Which parameter (its position) an entry of theta belongs to."""
        return np.searchsorted(np.cumsum([math.prod(shape) for shape in self.shapes]), entries, side="right")

    def along_entry(self, i: int) -> Line:
        """The line through theta on which only entry i changes."""
        work = self.theta
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
            self.along_entry(i), self.base, noise=self.noise, scale=scale, epsilon=self.precision, enough=enough
        )

    def beside(self) -> Surface:
        """The same loss at a random point nearby: so far away that no kink of this point is within a step of it."""
        signs = self.rng.choice([-1.0, 1.0], self.theta.size)
        offset = 128 * self.steps * signs * self.rng.uniform(0.25, 1.0, self.theta.size)
        neighbour = copy(self)
        neighbour.theta = (self.theta + offset).astype(self.theta.dtype)
        neighbour.base = float(self.f(neighbour.theta))
        return neighbour

    def directional_slope(self, direction: Vector) -> Slope:
        """The slope along a direction (P,), measured thoroughly.

        Its entries should be powers of two (or 0): steps are, too, so a float32 theta moves along the line exactly.
        """
        return measure_slope(self.along(direction), self.base, noise=self.noise, scale=1.0, epsilon=self.precision)

    def smooth_here(self) -> bool:
        """No unit sits on its kink at this point. Along a random direction every unit moves, so any kink shows.

        Always False where steps are too long to tell.
        """
        if self.precision >= PRECISE:
            return False
        length = 2.0 ** -round(math.log2(self.theta.size) / 2)
        return not any(
            self.directional_slope(length * self.rng.choice([-1.0, 1.0], self.theta.size)).kinked for _ in range(_LOOKS)
        )


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
    numeric, jumps, agrees, bent = _screen(surface, entries, analytic, rounding, limit)
    errors = _errors_of_screening(surface, entries, numeric, jumps, bent)
    verdicts = Verdicts(entries, numeric, errors, np.zeros(entries.size, dtype=np.int8))
    _measure_again(surface, verdicts, np.flatnonzero(~agrees | bent), analytic, rounding, limit)
    return verdicts


def refine(
    surface: Surface, verdicts: Verdicts, which: NDArray[np.intp], analytic: Vector, rounding: Vector, limit: float
) -> None:
    """Measure entries again (positions in `verdicts`) that are right one by one but too uncertain together."""
    _measure_again(surface, verdicts, which, analytic, rounding, limit, patient=True)


def _screen(
    surface: Surface, entries: NDArray[np.intp], analytic: Vector, rounding: Vector, limit: float
) -> tuple[Vector, Vector, NDArray[np.bool_], NDArray[np.bool_]]:
    """A central difference for each entry and the jump between its two halves, whether the difference agrees with the
    analytic value, and whether the jump may be a kink."""
    numeric, jumps = np.empty(entries.size), np.empty(entries.size)
    for m, i in enumerate(entries):
        line, h = surface.along_entry(int(i)), float(surface.steps[i])
        (right, above), (left, below) = line(h), line(-h)
        numeric[m] = (above - below) / (right - left)
        jumps[m] = (above - surface.base) / right + (below - surface.base) / -left
    own, grain = analytic[entries], surface.noise / surface.steps[entries]
    difference = np.abs(own - numeric)
    size = np.maximum(np.abs(own), np.abs(numeric))
    # Rounding alone explains four noises over a step; half the limit leaves room for the error of the screening itself.
    agrees = (difference <= 4 * grain + rounding[entries]) | (difference <= limit / 2 * size)
    # On a smooth line the one-sided slopes differ by h f''. A kink worth naming shows as more than a hundredth of the
    # slope; steeply bent smooth lines do as well, and are told apart by the thorough measurement.
    bent = (np.abs(jumps) > 0.01 * size) & (np.abs(jumps) > 16 * grain)
    return numeric, jumps, agrees & np.isfinite(own), bent


def _errors_of_screening(
    surface: Surface, entries: NDArray[np.intp], numeric: Vector, jumps: Vector, bent: NDArray[np.bool_]
) -> Vector:
    """How far off central differences may be: rounding, and the truncation as it is where the loss is bent most.

    The truncation is h^2 times a third derivative, which two evaluations do not show. So the entry with the largest
    jump for its step is measured thoroughly, and what its central difference missed is taken for all.
    """
    steps = surface.steps[entries]
    smooth = np.flatnonzero(np.isfinite(numeric) & np.isfinite(jumps) & ~bent)
    if not smooth.size:
        return np.full(entries.size, np.inf)
    grain = max(surface.relative_noise, surface.precision) ** (2 / 3) * float(np.max(np.abs(numeric[smooth])))
    most = smooth[np.argmax(np.abs(jumps[smooth]) / steps[smooth])]
    slope = surface.slope(int(entries[most]), lambda slope: slope.error < grain / 8)
    missed = abs(numeric[most] - slope.value) / steps[most] ** 2 if math.isfinite(slope.error) else 0.0
    errors = surface.noise / steps + np.maximum(grain, missed * steps**2)
    return np.where(np.isfinite(numeric), errors, np.inf)


def _measure_again(
    surface: Surface,
    verdicts: Verdicts,
    which: NDArray[np.intp],
    analytic: Vector,
    rounding: Vector,
    limit: float,
    patient: bool = False,
) -> None:
    """Measure entries (positions in `verdicts`) thoroughly and set their verdicts.

    patient: as precisely as can be, not only until the entry is known to be right.
    """
    for m in which:
        i = int(verdicts.entries[m])
        slope, status = _judge(surface, i, float(analytic[i]), float(rounding[i]), limit, patient)
        verdicts.numeric[m], verdicts.errors[m], verdicts.status[m] = slope.value, slope.error, status
    _hear_the_neighbours(surface, verdicts, which, analytic, rounding, limit)


def _judge(
    surface: Surface, i: int, analytic: float, rounding: float, limit: float, patient: bool = False
) -> tuple[Slope, Status]:
    """The slope with respect to entry i, and whether the analytic value is it."""

    def settled(slope: Slope) -> bool:
        size = max(abs(slope.value), abs(analytic))
        within = abs(slope.value - analytic) <= BARS * slope.error + rounding
        return not slope.kinked and within and slope.error <= limit / 16 * size

    slope = surface.slope(i, None if patient else settled)
    low, high = slope.interval
    outside = max(low - analytic, analytic - high)
    size = max(abs(analytic), abs(low), abs(high))
    if not math.isfinite(analytic):
        return slope, Status.WRONG
    if not math.isfinite(slope.error):
        return slope, Status.UNRESOLVED
    if outside > BARS * slope.error + rounding and outside > limit * size:
        return slope, Status.WRONG
    return slope, Status.KINKED if slope.kinked else Status.OK


def _hear_the_neighbours(
    surface: Surface, verdicts: Verdicts, which: NDArray[np.intp], analytic: Vector, rounding: Vector, limit: float
) -> None:
    """Judge kinked and accused entries by points beside this one, where the loss has slopes.

    A kinked entry is right if the gradient is right there, too: that its value lies between two slopes says little.

    An accused entry may be innocent where several units sit on their kinks at once (two layers of ReLU, zero biases, an
    input of zeros). The slopes along its own axis do not bound what backpropagation may say there: an axis-parallel
    step moves the units in a fixed pattern, and a convention for the slope at 0 belongs to another pattern. No loss can
    tell which is right (Kakade and Lee 2018). But a wrong formula is wrong beside the point, too. The biases of the last
    hidden layer are not acquitted: each moves one unit, and nothing after that unit has kinks, so its one-sided slopes
    do bound the value.
    """
    kinked = which[verdicts.status[which] == Status.KINKED]
    right, differences = _right_beside(surface, verdicts.entries[kinked], rounding, limit, _NEIGHBOURS // 2)
    guilty = kinked[~right]
    # Most faults are found far from all kinks, and hearing costs hundreds of evaluations an entry.
    if not kinked.size and np.any(verdicts.status[which] == Status.WRONG) and surface.smooth_here():
        return
    accused = np.array(
        [m for m in which if verdicts.status[m] == Status.WRONG and not _bounded(surface, int(verdicts.entries[m]))],
        dtype=np.intp,
    )
    # What is wrong with a kinked entry is what is wrong beside it.
    verdicts.status[guilty] = Status.WRONG
    verdicts.numeric[guilty] = analytic[verdicts.entries[guilty]] - differences[~right]
    # A fault in a parameter accuses many of its entries and kinks acquit none of them: then a sample is heard, not all.
    waiting = surface.rng.permutation(np.concatenate([guilty, accused]))
    owners = surface.owner(verdicts.entries[waiting])
    for owner in np.unique(owners):
        own = waiting[owners == owner]
        for bunch in np.split(own, range(_BUNCH, own.size, _BUNCH)):
            acquitted, _ = _right_beside(surface, verdicts.entries[bunch], rounding, limit, _NEIGHBOURS)
            verdicts.status[bunch[acquitted]] = Status.KINKED
            if not np.any(acquitted):
                break


def _bounded(surface: Surface, i: int) -> bool:
    """Is entry i a bias with at most one weight matrix after it, in a network precise enough to tell kinks apart?

    Steps of a float32 loss are so large (1e-3) that a second kink often lies within the smallest.
    """
    k = int(surface.owner(i))
    last_hidden = len(surface.shapes[k]) == 1 and sum(len(shape) > 1 for shape in surface.shapes[k + 1 :]) <= 1
    return last_hidden and surface.precision < PRECISE


def _right_beside(
    surface: Surface, entries: NDArray[np.intp], rounding: Vector, limit: float, neighbours: int
) -> tuple[NDArray[np.bool_], Vector]:
    """For each entry: is the gradient right at random points nearby, and the largest difference where it is not."""
    right, wrong, largest = (np.zeros(entries.size) for _ in range(3))
    # One in five may have met a kink of its own.
    for left in range(neighbours, 0, -1):
        # Those that cannot be found right any more, whatever the neighbours left say, are not asked about.
        still = np.flatnonzero(4 * wrong <= right + left)
        if not still.size:
            break
        beside = surface.beside()
        analytic = beside.gradient(beside.theta).astype(np.float64)
        numeric, _, agrees, _ = _screen(beside, entries[still], analytic, rounding, limit)
        for m, central, agreed in zip(still, numeric, agrees, strict=True):
            i = int(entries[m])
            own, slope, status = float(analytic[i]), float(central), Status.OK
            bar = 4 * surface.noise / surface.steps[i]
            if not agreed:
                measured, status = _judge(beside, i, own, float(rounding[i]), limit)
                slope, bar = measured.value, BARS * measured.error
            # Where both are nothing, a dead unit is between the entry and the loss, which proves neither.
            right[m] += status == Status.OK and max(abs(own), abs(slope)) > bar + rounding[i]
            wrong[m] += status == Status.WRONG
            if status == Status.WRONG and abs(own - slope) > abs(largest[m]):
                largest[m] = own - slope
    return 4 * wrong <= right, largest
