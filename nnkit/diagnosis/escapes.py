"""Ways out for a training run that is stuck. Each is tried on the network itself, and its effect is measured.

    more steps          for a run that is merely unfinished: its own training goes on, nothing is changed
    lower rate          for a run that oscillates: the same with a tenth of the rate
    negative curvature  a step along the eigenvector of the Hessian's least eigenvalue, to the lowest loss there (source
                        S1.2); the way off a saddle
    re-opened unit      a hidden unit's weighted inputs are centred on zero over the cases and shrunk until its activation
                        bends there, and what leaves it is set to zero; the way out of a valley
    unit drawn anew     the same with weights drawn at random, of the size that the network started with; for units that
                        are dead, or that open to the same valley again

In a valley towards infinity the units are saturated in the cases that they ought to tell apart. In XOR with two sigmoids,
two cases, one of 1 and one of 0, look the same to both units, the output says one half to them, and the slopes there are
below a hundredth of the steepest. Opened again with its outgoing weight as it was, a unit is often pushed back. With
nothing leaving it, the other units keep what they have learned, and the new outgoing weight gets the sign that lowers
the errors that are left, as of a unit added to a network that was trained without it (Fahlman and Lebiere 1990).

A run that learns by one of these has not learned by itself. It never counts as a success of the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.attempts import attempt
from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.hidden_units import Unit, hidden_activations, unit_slopes
from nnkit.gradients import Parameters, gradient_of, loss_of, stationary_point

Array = npt.NDArray[Any]
Way = Literal["more steps", "lower rate", "negative curvature", "re-opened unit", "unit drawn anew"]

WAYS: tuple[Way, ...] = ("more steps", "lower rate", "negative curvature", "re-opened unit", "unit drawn anew")
#: steps along a direction are tried at these distances, to both sides, the network's parameters being of the order of 1
DISTANCES = np.geomspace(0.01, 10.0, 31)
#: steps of training for all tries together: as many as an attempt has from the start
STEPS = 5000
#: the weighted inputs of a unit that is opened again lie within this of zero: every activation bends there, and none is
#: flat (tanh still has 4/5 of its steepest slope)
OPEN = 0.5
#: a try may stand still for so many steps, a tenth of what a run may: one that helps mostly does so at once, and one that
#: has lowered the loss is gone on from anyway. Where none has helped, they are tried again with twice the patience
PATIENCE = 100
#: steps of one try at most, lest one that creeps have them all
LONGEST = 1000
#: what a run gains by one try has to be this share of its loss, for the next to begin there
GAIN = 0.05


@dataclass(frozen=True)
class Try:
    """One way out, and what came of it. unit: (layer, unit), from 1, where it is about one.

    before: the loss where the run was; changed: right after the change; after: when so many steps of the network's own
    training had followed. learned: by the same standard as runs that were never stuck.
    """

    way: Way
    unit: Unit | None
    before: float
    changed: float
    after: float
    steps: int
    learned: bool

    def __str__(self) -> str:
        return self.way if self.unit is None else self.way.replace("unit", f"unit {self.unit[1]}")


def ways_out(
    network: Any,
    x: Array,
    y: Array,
    conventions: Conventions,
    *,
    kind: str,
    start: Sequence[Array],
    rate: float,
    target_loss: float | None,
    rng: np.random.Generator,
    steps: int = STEPS,
    among: Sequence[Way] = WAYS,
) -> list[Try]:
    """Try one way after the other from where the network stands, until it has learned, or has had so many steps in all.

    A try that lowers the loss and does not learn is where the next begins; after any other the next begins where it did.
    kind: why the run is stuck, as `nnkit.diagnosis.stuck` says. start: the parameters before its first step, for the size
    of weights that are drawn. target_loss: as in `attempt`. among: ways that are left out of this are not tried. Leaves the
    network where the last try ended; what its update rule remembers is never put back.
    """
    parameters = Parameters(network)
    tries: list[Try] = []
    theta = parameters.read()
    loss = float(network.loss(x, y))
    ways = _Ways(network, parameters, x, y, conventions, kind, start, rng, among)
    following, left = ways.out_of(theta), steps
    while left > 0 and (found := next(following, None)) is not None:
        way, unit, changed, patience = found
        parameters.write(changed.astype(theta.dtype))
        at = rate / 10 if way == "lower rate" else rate
        run = attempt(network, x, y, rate=at, target_loss=target_loss, steps=min(left, LONGEST), patience=patience)
        tries.append(Try(way, unit, loss, run.loss[0], run.loss[-1], run.steps[-1], run.learned))
        if run.learned or run.ending == "not finite":  # what its update rule remembers is not finite any more, either
            break
        left -= max(1, run.steps[-1])
        if run.loss[-1] < (1 - GAIN) * loss:
            theta, loss = parameters.read(), run.loss[-1]
            following = ways.out_of(theta)
    return tries


class _Ways:
    def __init__(
        self, network: Any, parameters: Parameters, x: Array, y: Array, conventions: Conventions, kind: str,
        start: Sequence[Array], rng: np.random.Generator, among: Sequence[Way],
    ) -> None:  # fmt: skip
        self.parameters, self.x, self.conventions, self.kind, self.rng = parameters, x, conventions, kind, rng
        self.f, self.g = loss_of(network, x, y), gradient_of(network, x, y)
        self.sizes = [float(np.sqrt(np.mean(np.square(W, dtype=np.float64)))) for W in start[::2]]
        self.among = among

    def out_of(self, theta: Array) -> Iterator[tuple[Way, Unit | None, Array, int]]:
        """(the way, the unit that it is about, the parameters to train on from, the patience), the least change first, and
        round after round, as long as there are any."""
        for patience in (PATIENCE * 2**k for k in count()):
            none = True
            for way, unit, changed in self.once(theta):
                if way in self.among:
                    none = False
                    yield way, unit, changed, patience
            if none:
                return

    def once(self, theta: Array) -> Iterator[tuple[Way, Unit | None, Array]]:
        if self.kind == "unfinished":
            yield "more steps", None, theta
        if self.kind == "oscillating":
            yield "lower rate", None, theta
        if (lower := self.downhill(theta)) is not None:
            yield "negative curvature", None, lower
        units = self.most_closed_first(theta)
        for unit in units:
            if (opened := self.opened(theta, unit)) is not None:
                yield "re-opened unit", unit, opened
        for unit in units:
            yield "unit drawn anew", unit, self.drawn(theta, unit)

    def downhill(self, theta: Array) -> Array | None:
        """The lowest point along the direction of most negative curvature; None where there is none, or none lower."""
        try:
            direction = stationary_point(self.g, theta).escape
        except ValueError:  # not finite
            return None
        if direction is None:
            return None
        places = [theta + sign * distance * direction for distance in DISTANCES for sign in (1, -1)]
        losses = np.array([float(self.f(place.astype(theta.dtype))) for place in places])
        best = int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))
        return places[best] if losses[best] < float(self.f(theta)) else None

    def most_closed_first(self, theta: Array) -> list[Unit]:
        """By the largest slope that a unit has in any case: what is dead comes first."""
        slopes = unit_slopes(self.parameters.split(theta), self.conventions, self.x)
        openness = {
            (layer, unit): float(opening)
            for layer, slope in enumerate(slopes, start=1)
            for unit, opening in enumerate(np.abs(slope).max(axis=0), start=1)
        }
        return sorted(openness, key=lambda unit: openness[unit])

    def opened(self, theta: Array, unit: Unit) -> Array | None:
        """None for a unit that sees no input."""
        W, _, below = self.around(theta, unit)
        z = below @ W
        spread = float(np.max(np.abs(z - z.mean())))
        if spread == 0.0:
            return None
        return self.replaced(theta, unit, min(1.0, OPEN / spread) * W)

    def drawn(self, theta: Array, unit: Unit) -> Array:
        W, size, _ = self.around(theta, unit)
        return self.replaced(theta, unit, self.rng.normal(0.0, size or W.size**-0.5, W.size))

    def replaced(self, theta: Array, unit: Unit, weights: Array) -> Array:
        """With these weights into the unit, a bias that centres its weighted input on zero, and nothing going out."""
        layer, k = unit
        _, _, below = self.around(theta, unit)
        changed = theta.astype(np.float64)
        arrays = self.parameters.split(changed)
        arrays[2 * layer - 2][:, k - 1] = weights
        arrays[2 * layer - 1][k - 1] = -float(np.mean(below @ weights))
        arrays[2 * layer][k - 1] = 0.0
        return changed

    def around(self, theta: Array, unit: Unit) -> tuple[Array, float, Array]:
        """(the weights into the unit, the size of such at the start, the activations (n, units) that it sees)."""
        layer, k = unit
        arrays = self.parameters.split(theta)
        inputs = np.asarray(self.x, dtype=np.float64)
        below = inputs if layer == 1 else hidden_activations(arrays, self.conventions, inputs)[layer - 2][1]
        return np.asarray(arrays[2 * layer - 2][:, k - 1], dtype=np.float64), self.sizes[layer - 1], below
