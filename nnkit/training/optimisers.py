"""Update rules: what to do with a gradient. theta and gradient are flat vectors; theta is changed in place.

The gradient is used up: it serves as work space, because memory, not arithmetic, is what an update costs. Each rule
keeps its state (velocity, moments) in arrays like theta, made at its first step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class GradientDescent:
    """theta <- theta - eta g."""

    name = "gradient_descent"

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        gradient *= learning_rate
        theta -= gradient


class Momentum:
    """m <- lambda m - eta g; theta <- theta + m (Polyak 1964; source S1.4)."""

    name = "momentum"

    def __init__(self, decay: float = 0.9) -> None:
        self.decay = decay
        self._steps = 0
        self._m: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        if self._m is None:
            self._m = np.zeros_like(theta)
        self._steps += 1
        _drop_vanished(self._m, self._steps)
        gradient *= learning_rate
        self._m *= self.decay
        self._m -= gradient
        theta += self._m


class Adam:
    """theta <- theta - eta m^ / (sqrt(v^) + eps), with m^ and v^ the bias-corrected means of g and g^2.

    Kingma and Ba 2015, Algorithm 1, in the order of its section 2. Stored are m / (1 - beta1) and v / (1 - beta2),
    which saves two of twelve passes over memory; all constants are joined into the two numbers at the end.
    """

    name = "adam"

    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self._steps = 0
        self._m: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        if self._m is None:
            self._m, self._v = np.zeros_like(theta), np.zeros_like(theta)
        self._steps += 1
        m, v, work = self._m, self._v, gradient
        _drop_vanished(m, self._steps)
        m *= self.beta1
        m += gradient
        v *= self.beta2
        v += np.multiply(gradient, gradient, out=work)
        # m^ = c1 m and v^ = c2 v, so eta m^ / (sqrt(v^) + eps) = (eta c1 / sqrt(c2)) m / (sqrt(v) + eps / sqrt(c2)).
        c1 = (1 - self.beta1) / (1 - self.beta1**self._steps)
        c2 = (1 - self.beta2) / (1 - self.beta2**self._steps)
        np.sqrt(v, out=work)
        work += self.eps / c2**0.5
        np.divide(m, work, out=work)
        work *= learning_rate * c1 / c2**0.5
        theta -= work


def _drop_vanished(m: Array, steps: int) -> None:
    """Every hundredth step, set to 0 what has decayed to next to nothing.

    A weight whose input is rarely anything but 0 (a pixel at the rim) has a velocity that decays by a tenth a step, into
    numbers below the smallest normal float. Those stay for ever, change no weight, and take a processor a hundred times
    as long: on MNIST they made the update two and a half times as slow within an epoch.
    """
    if steps % 100 == 0:
        m[np.abs(m) < 1e10 * np.finfo(m.dtype).tiny] = 0


OPTIMISERS = {rule.name: rule for rule in (GradientDescent, Momentum, Adam)}
