"""Weight averaging: a running mean of the weights, beside any update rule.

Minibatches make the weights wander about a minimum, and the mean of where they have been lies nearer to it than the
place where they happen to stop.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.network.network import UpdateRule

Array = npt.NDArray[Any]


class Averaged:
    """An update rule that takes the steps of `rule`, and keeps a mean of theta after them (source S4.8).

    With `decay` d, an exponential mean (EMA): average <- d average + (1 - d) theta. Without, the plain mean of all theta
    taken in (Polyak and Juditsky 1992; SWA, Izmailov et al. 2018), for which one waits until training is near its end:
    no theta of the first `start` steps is taken in, and of those after, each `every`-th is. The first one taken in is
    the first average. The rule itself never sees the average; `swap` puts it to use:

        network = Network(..., update_rule=Averaged(Momentum(), decay=0.99))
        train(network, ...)
        network.update_rule.swap(network)       # again, and training can go on where it was
    """

    name = "averaged"

    def __init__(self, rule: UpdateRule, decay: float | None = None, *, start: int = 0, every: int = 1) -> None:
        if decay is not None and not 0 <= decay < 1:
            raise ValueError(f"decay is from 0 up to but not including 1, or None for the plain mean; got {decay}")
        if start < 0 or every < 1:
            raise ValueError(f"start is from 0 up, every from 1 up; got start={start}, every={every}")
        self.rule = rule
        self.decay, self.start, self.every = decay, start, every
        #: flat, like theta; None before the first theta was taken in
        self.average: Array | None = None
        self._steps = 0
        self._taken = 0

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        self.rule.step(theta, gradient, learning_rate)
        self._steps += 1
        if self._steps <= self.start or (self._steps - self.start) % self.every:
            return
        self._taken += 1
        if self.average is None:
            self.average = theta.copy()
            return
        weight = 1 / self._taken if self.decay is None else 1 - self.decay
        np.subtract(theta, self.average, out=gradient)
        gradient *= weight
        self.average += gradient

    def swap(self, network: Any) -> None:
        """Exchange the average with the network's parameters, in place; a second call takes that back.

        The parameters are those that the rule has updated, live and in the order of theta.
        """
        if self.average is None:
            raise ValueError(f"there is no average yet: the first is taken after step {self.start + self.every}")
        parameters = network.parameters()
        if sum(parameter.size for parameter in parameters) != self.average.size:
            sizes = [parameter.size for parameter in parameters]
            raise ValueError(f"the average has {self.average.size} numbers, but the network's parameters {sizes}")
        self.average = self.average.astype(parameters[0].dtype, copy=False)  # or the trained weights lost digits in it
        start = 0
        for parameter in parameters:
            window = self.average[start : start + parameter.size].reshape(parameter.shape)
            start += parameter.size
            trained = parameter.copy()
            parameter[...] = window
            window[...] = trained
