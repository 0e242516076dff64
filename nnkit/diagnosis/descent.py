"""Plain gradient descent on a network under test, with a gradient of our choice.

Training a network by its own `train_step` tests its gradient and its update rule together. Here the update is ours
(theta <- theta - eta g) and only the gradient differs: numerical, which needs nothing but the loss, or the network's own.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters, gradient_of, loss_of, noise_level, numerical_gradient

Array = npt.NDArray[Any]


class Descent:
    """A network that is trained by plain descent: it has `forward`, `loss` and `train_step`, as training asks for.

    gradient: "numerical" (central differences of loss(x, y)) or "analytic" (gradients(x, y)).
    """

    def __init__(self, network: Any, gradient: Literal["numerical", "analytic"]) -> None:
        self.network = network
        self.gradient = gradient
        self._parameters = Parameters(network)
        self._noise: float | None = None

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
            g = numerical_gradient(f, theta, noise=self._noise).values
        else:
            g = gradient_of(self.network, x, y)(theta)
        self._parameters.write((theta - learning_rate * g).astype(theta.dtype))
