"""Why a training run is stuck: an explanation that is tested, never guessed.

First the network's own gradient is compared with the numerical one where the run ended: a gradient that is wrong there
says nothing about the loss surface, it is the fault. Then the run is followed to where it was heading, with Newton's
steps in place of its own small ones:

    saddle       the curvature is negative along some direction and outweighs the slope; a step that way is tried
    minimum      the slope vanishes, and the loss curves up in every direction
    plateau      the slope vanishes, and some directions are flat to second order (dead units make such)
    valley       the slope vanishes, but only while the parameters grow on and on: what the run seeks lies at infinity
    kink         piecewise linear units turn so near that the slopes on the two sides cancel
    unfinished   its own training, given more steps, still goes down: further, or creeping where the slope is small, or
                 where its steps go down the gradient and there is little to gain
    oscillating  its steps jump across the slope: when they are ten times smaller, they lower the loss; or they go down
                 the gradient, and when they are small enough, they lower the loss however little

What is none of these stays "unexplained", with what was measured. Sources: S1.1, S1.2, S1.5; Sprinkhuizen-Kuyper and
Boers (1999) for the valleys of the smallest XOR network. What frees such a run: `nnkit.diagnosis.escapes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.attempts import STANDSTILL, Attempt
from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.escapes import DISTANCES, STEPS, Try, ways_out
from nnkit.diagnosis.guard import check_gradients_past_guard
from nnkit.diagnosis.hidden_units import Unit, dead_units, saturated_units, straight_units
from nnkit.gradients import (
    Parameters,
    StationaryPoint,
    gradient_of,
    hessian,
    loss_of,
    parameter_names,
    stationary_point,
)
from nnkit.gradients.hessian import STATIONARY

Array = npt.NDArray[Any]
Function = Callable[[Array], Any]
Kind = Literal["saddle", "minimum", "plateau", "valley", "kink", "unfinished", "oscillating", "unexplained"]

#: steps of the network's own training after an escape, and to see whether it goes on
FURTHER_STEPS = 1000
#: rates are made lower by so much to see whether steps that go down the gradient are too long
CALMER = (10, 100, 1000)
#: Newton's steps with which a run is followed, and the longest of them
NEWTON_STEPS = 20
LONGEST = 1.0
#: a run has arrived if following it lowers the loss by less than this share of itself, and has taken the slope to a
#: tenth; and it goes to infinity if meanwhile its parameters grow by more than a hundredth
ARRIVED = 0.05
VANISHED = 0.1
GROWN = 0.01
#: how far around a point its kinks are looked for
NEAR = (0.02, 0.05, 0.1, 0.2)
#: a slope below this is rounding in float64, or ten times the precision of a narrower type; a run is followed until its
#: slope is that small, or this share of what it was
NOTHING = 1e-10
FAR_ENOUGH = 1e-3


@dataclass(frozen=True, eq=False)
class Escape:
    """A step off a saddle along the direction v of most negative curvature, and what it did to the loss.

    distances, along: s, and the loss at theta + s v; `step` is the s of the lowest. before, after: the loss at s = 0 and
    there. trained: the loss after further training from there. waiting: after as much further training without the step.
    """

    distances: Array
    along: Array
    before: float
    step: float
    after: float
    waiting: float
    trained: float


@dataclass(frozen=True, eq=False)
class Pursuit:
    """Where the run was heading: the loss, the norm of the gradient (`slope`) and of the parameters (`size`) before the
    first of Newton's steps and after each, and the parameters at the end."""

    loss: list[float]
    slope: list[float]
    size: list[float]
    theta: Array

    @property
    def vanished(self) -> bool:
        return self.slope[-1] <= max(VANISHED * self.slope[0], _nothing(self.theta))

    @property
    def arrived(self) -> bool:
        return self.loss[-1] >= (1 - ARRIVED) * self.loss[0]

    @property
    def grown(self) -> bool:
        return self.size[-1] > (1 + GROWN) * self.size[0]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the run is stuck: `words` in one sentence; the rest is what was measured for it.

    loss, slope: where it ended. wrong_parameter: the name of a parameter whose gradient is not that of the loss; empty
    where there is none. point: the curvature where it ended, or where it was heading. ahead: how it was followed.
    """

    seed: int
    kind: Kind
    words: str
    loss: float
    slope: float
    wrong_parameter: str = ""
    point: StationaryPoint | None = None
    escape: Escape | None = None
    ahead: Pursuit | None = None
    dead: list[Unit] = field(default_factory=list)
    saturated: list[Unit] = field(default_factory=list)
    straight: list[Unit] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)

    @property
    def explained(self) -> bool:
        return self.kind != "unexplained"

    @property
    def freed(self) -> bool:
        """Whether the last try learned: from outside, which is no success of the network's own."""
        return bool(self.tries) and self.tries[-1].learned


def explain(run: Attempt, x: Array, y: Array, conventions: Conventions, *, rate: float, target: float) -> Explanation:
    """Why `run`, trained on all of x, y at this rate, did not reach the loss `target`.

    Leaves the network's parameters as it found them; what its update rule remembers (a velocity) may have changed.
    """
    parameters = Parameters(run.network)
    with parameters.kept():
        return _Case(run, parameters, x, y, conventions, rate, target).explanation()


def with_ways_out(
    found: Explanation, run: Attempt, x: Array, y: Array, conventions: Conventions, *,
    rate: float, target_loss: float | None, steps: int = STEPS,
) -> Explanation:  # fmt: skip
    """The explanation of `run`, with what came of trying to free it, for so many steps in all; as it is, where there is
    none, since no way out helps training that does not go down its own gradient.

    target_loss: as in `attempt`. Leaves the network's parameters as it found them, as `explain` does.
    """
    if not found.explained:
        return found
    with Parameters(run.network).kept():
        tries = ways_out(
            run.network, x, y, conventions, kind=found.kind, start=run.start, rate=rate, target_loss=target_loss,
            rng=np.random.default_rng(run.seed), steps=steps,
        )  # fmt: skip
    return replace(found, tries=tries)


class _Case:
    """One stuck run: theta where it ended, f and g the loss and its gradient as functions of theta."""

    def __init__(
        self, run: Attempt, parameters: Parameters, x: Array, y: Array, conventions: Conventions, rate: float, target: float
    ) -> None:  # fmt: skip
        self.run, self.parameters, self.x, self.y, self.rate, self.target = run, parameters, x, y, rate, target
        self.theta = parameters.read()
        self.conventions = conventions
        self.f, self.g = loss_of(run.network, x, y), gradient_of(run.network, x, y)
        arrays = parameters.split(self.theta)
        self.units = {
            "dead": dead_units(arrays, conventions, x),
            "saturated": saturated_units(arrays, conventions, x),
            "straight": straight_units(arrays, conventions, x),
        }
        self.live = _live(parameters, self.units["dead"])
        self.loss = float(self.f(self.theta))
        self.gradient = np.asarray(self.g(self.theta), dtype=np.float64)
        self.slope = float(np.linalg.norm(self.gradient))
        start = np.concatenate([array.reshape(-1) for array in run.start])
        self.first_slope = float(np.linalg.norm(np.asarray(self.g(start), dtype=np.float64)))

    def explanation(self) -> Explanation:
        if not (np.isfinite(self.loss) and np.isfinite(self.slope) and np.isfinite(self.run.loss).all()):
            return self.verdict("unexplained", "its loss or its gradient is not finite: the rate is too high for it")
        names = parameter_names(len(self.parameters.shapes))
        judged, _ = check_gradients_past_guard(
            self.run.network, lambda: self.conventions, self.x, self.y, points=("start",), names=names
        )
        if judged.wrong:
            wrong = judged.wrong[0]
            return self.verdict(
                "unexplained", f"its gradient for {wrong.name} is not the slope of its own loss: relative error "
                f"{wrong.relative_error:.1g}", wrong_parameter=wrong.name,
            )  # fmt: skip
        point = self.curvature(self.theta)
        saddle = self.saddle(self.theta, point, self.slope)
        if saddle is not None:
            return saddle
        ahead = self.follow()
        if ahead.arrived and ahead.vanished:
            return self.arrival(ahead, point)
        return self.on_the_way(ahead, point)

    def arrival(self, ahead: Pursuit, point: StationaryPoint) -> Explanation:
        """Whither it went: the slope has vanished there, and the loss is hardly lower."""
        if ahead.grown:
            words = (
                f"valley towards infinity: followed further, the parameters grow from {ahead.size[0]:.1f} to "
                f"{ahead.size[-1]:.1f}, the slope falls from {ahead.slope[0]:.0e} to {ahead.slope[-1]:.0e}, and the loss "
                f"from {ahead.loss[0]:.4f} only to {ahead.loss[-1]:.4f}"
            )
            return self.verdict("valley", words, point=point, ahead=ahead)
        end = self.curvature(ahead.theta)
        saddle = self.saddle(ahead.theta, end, ahead.slope[-1])
        if saddle is not None:
            return saddle
        if end.flat or end.negative or self.live.size < self.theta.size:
            flat = self.theta.size - end.positive
            words = f"plateau: the slope is {ahead.slope[-1]:.0e}, and {flat} of {self.theta.size} directions are flat"
            return self.verdict("plateau", words, point=end, ahead=ahead)
        words = f"minimum: every curvature is positive, the least {end.eigenvalues[0]:.1e}; slope {ahead.slope[-1]:.0e}"
        return self.verdict("minimum", words, point=end, ahead=ahead)

    def on_the_way(self, ahead: Pursuit, point: StationaryPoint) -> Explanation:
        """The slope has not vanished: why does its training not go down it?"""
        more: dict[str, Any] = {"point": point, "ahead": ahead}
        further = self.train(self.theta, self.rate)
        if further < (1 - STANDSTILL) * self.loss:
            words = f"unfinished: {FURTHER_STEPS:,} more steps lower the loss from {self.loss:.4f} to {further:.4f}"
            return self.verdict("unfinished", words, **more)
        if self.slope <= max(VANISHED * self.first_slope, STATIONARY):
            # Little slope, so little progress: what stands still is explained by how flat it is here.
            left = f"the slope is {self.slope:.0e}, at the start it was {self.first_slope:.0e}"
            if further < (1 - _rounding(self.theta)) * self.loss:
                words = f"unfinished: it creeps, as {left}; {FURTHER_STEPS:,} more steps take the loss from "
                words += f"{self.loss:.4f} to {further:.4f}, better ones to {ahead.loss[-1]:.4f}"
                return self.verdict("unfinished", words, **more)
            if self.slope <= STATIONARY:
                words = f"plateau: {left}; its own steps are too coarse to find the way on, which leads to "
                return self.verdict("plateau", words + f"{ahead.loss[-1]:.4f}", **more)
        calmer = self.train(self.theta, self.rate / 10)
        if calmer < (1 - STANDSTILL / 10) * self.loss:
            words = f"oscillating: with a tenth of the rate the loss falls on, from {self.loss:.4f} to {calmer:.4f}"
            return self.verdict("oscillating", words, **more)
        radius, mixture = self.nearest_kink()
        if mixture < VANISHED * self.slope:
            words = f"kink: slopes of {self.slope:.0e} cancel to {mixture:.0e} within {radius} of here"
            return self.verdict("kink", words, **more)
        stands = f"the loss stands at {self.loss:.4f} although its slope is {self.slope:.0e}"
        # A step by the signs of the gradient makes this cosine at least.
        if not (cosine := self.cosine_of_a_step()) >= 1 / np.sqrt(self.theta.size):
            words = f"{stands}: its steps do not go down its own gradient (the cosine between them is {cosine:.2g})"
            return self.verdict("unexplained", words, **more)
        lower = (1 - _rounding(self.theta)) * self.loss
        if further < lower:
            words = f"unfinished: it creeps; {FURTHER_STEPS:,} more steps take the loss from {self.loss:.6f} to {further:.6f}"
            return self.verdict("unfinished", words, **more)
        for divisor in CALMER:
            calmer = self.train(self.theta, self.rate / divisor)
            if calmer < lower:
                words = f"oscillating: its steps go down its gradient, and jump across a bend of the loss; with a rate {divisor:,} "
                words += f"times lower it falls, if slowly, from {self.loss:.6f} to {calmer:.6f}"
                return self.verdict("oscillating", words, **more)
        words = f"{stands}, and {FURTHER_STEPS:,} steps down its gradient do not lower it, however small they are"
        return self.verdict("unexplained", words, **more)

    def verdict(self, kind: Kind, words: str, **more: Any) -> Explanation:
        words += _unit_words(self.units)
        more |= self.units
        return Explanation(self.run.seed, kind, words, self.loss, self.slope, **more)

    # The measurements --------------------------------------------------------------------------------------------------

    def curvature(self, theta: Array) -> StationaryPoint:
        """In the space of the parameters that no dead unit hides."""
        return stationary_point(self.restricted(theta), theta[self.live])

    def restricted(self, theta: Array) -> Function:
        """The gradient as a function of the live parameters alone, the others being as in theta."""

        def gradient(part: Array) -> Array:
            whole = theta.copy()
            whole[self.live] = part
            return np.asarray(self.g(whole))[self.live]

        return gradient

    def train(self, theta: Array, rate: float) -> float:
        """The loss after further steps of the network's own training from theta."""
        self.parameters.write(theta)
        for _ in range(FURTHER_STEPS):
            self.run.network.train_step(self.x, self.y, rate)
        return float(self.run.network.loss(self.x, self.y))

    def cosine_of_a_step(self) -> float:
        """The cosine between the network's own step and the way straight down; NaN where it does not move.

        It is put back to here before each of many steps, so that what it remembers comes to be of here alone.
        """
        for _ in range(FURTHER_STEPS):
            self.parameters.write(self.theta)
            self.run.network.train_step(self.x, self.y, self.rate / 10)
        step = np.asarray(self.parameters.read(), dtype=np.float64) - self.theta
        length = float(np.linalg.norm(step)) * self.slope
        return -float(self.gradient @ step) / length if length > 0 else float("nan")

    def saddle(self, theta: Array, point: StationaryPoint, slope: float) -> Explanation | None:
        """The verdict, if the way down along the curvature is steeper than the slope at a distance of 1, and works."""
        down = -float(point.eigenvalues[0]) if point.eigenvalues.size else 0.0
        if point.escape is None or down <= max(point.tolerance, slope):
            return None
        if slope > max(VANISHED * self.first_slope, STATIONARY):
            return None  # steep enough to go on: no curvature holds a run here
        direction = np.zeros(theta.size)
        direction[self.live] = point.escape
        distances = np.concatenate([-DISTANCES[::-1], [0.0], DISTANCES])
        places = [(theta + s * direction).astype(theta.dtype) for s in distances]
        along = np.array([float(self.f(place)) for place in places])
        before, best = float(self.f(theta)), int(np.nanargmin(along))
        if not along[best] < before:
            return None
        escape = Escape(
            distances, along, before, float(distances[best]), float(along[best]),
            waiting=self.train(theta, self.rate), trained=self.train(places[best], self.rate),
        )  # fmt: skip
        words = (
            f"saddle: the curvature is {-down:.1e} one way, the slope {slope:.0e}; a step of {abs(escape.step):.2g} that "
            f"way takes the loss from {before:.4f} to {escape.after:.4f}, and training goes on from there to "
            f"{escape.trained:.4f} ({'learned' if escape.trained <= self.target else 'not learned'})"
        )
        return self.verdict("saddle", words, point=point, escape=escape)

    def follow(self) -> Pursuit:
        """Go on downhill with Newton's steps, on |curvature| so that saddles repel (Dauphin et al. 2014).

        No step is longer than `LONGEST` or raises the loss. Each is the better of two: of all live parameters, or of
        the last layer's alone, where no unit's kink stands in the way.
        """
        theta, live = self.theta, self.live
        last = np.flatnonzero(live >= self.parameters.slices[-2].start)
        loss, slope, size = [], [], []
        for left in reversed(range(NEWTON_STEPS + 1)):
            gradient = np.asarray(self.g(theta), dtype=np.float64)[live]
            loss.append(float(self.f(theta)))
            slope.append(float(np.linalg.norm(gradient)))
            size.append(float(np.linalg.norm(theta)))
            enough = max(FAR_ENOUGH * slope[0], _nothing(theta))
            if left == 0 or loss[-1] <= self.target or not slope[-1] > enough:
                break
            curvature = hessian(self.restricted(theta), theta[live])
            trials = []
            for among in (np.arange(live.size), last):
                step = np.zeros(theta.size)
                step[live[among]] = _newton_step(gradient[among], curvature[np.ix_(among, among)])
                for _ in range(6):
                    trial = (theta + step).astype(theta.dtype)
                    trials.append((float(self.f(trial)), trial))
                    step /= 4
            lowest, trial = min(trials, key=lambda pair: pair[0])
            if not lowest <= loss[-1]:
                break
            theta = trial
        return Pursuit(loss, slope, size, theta)

    def nearest_kink(self) -> tuple[float, float]:
        """(radius, the norm of the shortest mixture of the gradients within it), for the least radius where they cancel.

        Where the mixture is nearly zero, no direction leads down (gradient sampling: Burke, Lewis, Overton 2005).
        """
        rng = np.random.default_rng(0)
        radius, mixture = NEAR[0], self.slope
        for radius in NEAR:
            gradients = [self.gradient[self.live]]
            for _ in range(40):
                shift = np.zeros(self.theta.size)
                shift[self.live] = rng.normal(0.0, radius / np.sqrt(self.live.size), self.live.size)
                place = (self.theta + shift).astype(self.theta.dtype)
                gradients.append(np.asarray(self.g(place), dtype=np.float64)[self.live])
            mixture = _shortest_mixture(np.array(gradients))
            if mixture < VANISHED * self.slope:
                break
        return radius, mixture


def _rounding(theta: Array) -> float:
    return 10 * float(np.finfo(theta.dtype).eps)


def _nothing(theta: Array) -> float:
    """A slope that is as good as zero in theta's float type."""
    return max(NOTHING, _rounding(theta))


def _live(parameters: Parameters, dead: list[Unit]) -> Array:
    """The indices (m,) of the parameters that no dead unit hides.

    The weights into it, its bias and the weights out of it have slope 0, and it may sit on its kink (a ReLU whose bias
    is still 0, for the input (0, 0)), where differences mean nothing.
    """
    keep = []
    for index, shape in enumerate(parameters.shapes):
        mask = np.ones(shape, dtype=bool)
        for layer, unit in dead:
            if layer == index // 2 + 1:
                mask[..., unit - 1] = False
            elif layer == index // 2 and len(shape) == 2:
                mask[unit - 1] = False
        keep.append(mask.reshape(-1))
    return np.flatnonzero(np.concatenate(keep))


def _newton_step(gradient: Array, curvature: Array) -> Array:
    """-|H|^-1 g, at most `LONGEST` long; curvatures lost in rounding count as the slope over the longest step."""
    tiny = float(np.finfo(np.float64).tiny)
    values, vectors = np.linalg.eigh(curvature)
    least = max(float(np.linalg.norm(gradient)) / LONGEST, tiny)
    step: Array = -vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), least))
    return step * min(1.0, LONGEST / max(float(np.linalg.norm(step)), tiny))


def _shortest_mixture(gradients: Array) -> float:
    """The norm of the shortest vector in the convex hull of the rows (m, P), by the steps of Frank and Wolfe (1956)."""
    mixture = gradients[0]
    for _ in range(300):
        towards = gradients[int(np.argmin(gradients @ mixture))] - mixture
        length, gain = float(towards @ towards), -float(mixture @ towards)
        if length == 0 or gain <= 0:
            break
        mixture = mixture + min(1.0, gain / length) * towards
    return float(np.linalg.norm(mixture))


def _unit_words(units: dict[str, list[Unit]]) -> str:
    names = {"dead": "dead", "saturated": "saturated", "straight": "without a bend (the same slope in every case)"}
    parts = [
        f"{'unit' if len(found) == 1 else 'units'} {', '.join(str(unit) for _, unit in found)} {names[what]}"
        for what, found in units.items()
        if found
    ]
    return "; hidden " + ", ".join(parts) if parts else ""
