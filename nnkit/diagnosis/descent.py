"""Plain gradient descent on a network under test, with a gradient of our choice.

Training a network by its own `train_step` tests its gradient and its update rule together. Here the update is ours
(theta <- theta - eta g) and only the gradient differs: numerical, which needs nothing but the loss, or the network's own.
Where the two part on the way, the network's gradient is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters, central_slopes, check_gradients, gradient_of, loss_of, noise_level

Array = npt.NDArray[Any]

#: parameters shorter than this count as that long, lest a start at zero makes every difference infinite
SHORTEST = 1e-3


class Descent:
    """A network that is trained by plain descent: it has `forward`, `loss` and `train_step`, as training asks for.

    gradient: "numerical" (central differences of loss(x, y)) or "analytic" (gradients(x, y)).
    """

    def __init__(self, network: Any, gradient: Literal["numerical", "analytic"]) -> None:
        self.network = network
        self.gradient = gradient
        self._parameters = Parameters(network)
        self._noise: float | None = None

    @property
    def theta(self) -> Array:
        """The parameters now, as a flat copy (P,)."""
        return self._parameters.read()

    def forward(self, x: Array) -> Array:
        return np.asarray(self.network.forward(x))

    def loss(self, x: Array, y: Array) -> float:
        return float(self.network.loss(x, y))

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        theta = self._parameters.read()
        if self.gradient == "numerical":
            f = loss_of(self.network, x, y)
            if self._noise is None:  # it decides on the step alone, so once is enough
                self._noise = noise_level(f, theta, np.random.default_rng(0))
            # Central differences change the parameters one by one; what they leave behind is overwritten below.
            g = central_slopes(f, theta, self._noise)
        else:
            g = gradient_of(self.network, x, y)(theta)
        self._parameters.write((theta - learning_rate * g).astype(theta.dtype))


@dataclass(frozen=True, eq=False)
class Beside:
    """How far each step of the analytic descent leads from where the numerical one goes, relative to the parameters'
    length.

    distance (K + 1,): 0 at the start, infinity where one of the two is not finite; kinks: steps from a kink, where the two
    may honestly differ.
    """

    distance: Array
    kinks: int

    def first_beyond(self, limit: float) -> int | None:
        """The first step after which they are further apart than this; None where they never are."""
        beyond = np.flatnonzero(self.distance > limit)
        return int(beyond[0]) if beyond.size else None


def descend_beside(network: Any, path: Sequence[Array], x: Array, y: Array, *, rate: float) -> Beside:
    """Descend by the network's own gradients beside a numerical descent, and compare step by step.

    path: the flat parameters (P,) of the numerical descent on x, y at this rate, before its first step and after each.
    Each step begins where the numerical descent is. Were each descent left to itself, the least difference would grow at
    a rate near the edge of stability, where each step stretches it by |1 - rate * curvature|: twofold a step is common,
    and that is ten thousandfold in fourteen. Leaves the network where its last step ended.
    """
    parameters, own = Parameters(network), Descent(network, "analytic")
    eps = float(np.finfo(path[0].dtype).eps)
    distance, kinks = [0.0], 0
    for before, after in pairwise(path):
        parameters.write(before)
        own.train_step(x, y, rate)
        apart = float(np.linalg.norm(own.theta - after)) / max(float(np.linalg.norm(after)), SHORTEST)
        if 100 * eps ** (2 / 3) < apart < np.inf:
            # Did the numerical gradient straddle a kink? Then there is nothing to compare.
            here = check_gradients(network, x, y, points=[("here", before)])
            if here.kinks and not here.wrong:
                kinks, apart = kinks + 1, 0.0
        distance.append(apart if np.isfinite(apart) else np.inf)
    return Beside(np.array(distance), kinks)
