"""Virtual repair: a network with its wrong part replaced by the right one, from outside.

What is right stays the network's own. If the stage that failed passes with the mended network, the fault was its cause;
if it fails still, there is another one behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.replay.forward import activate
from nnkit.diagnosis.replay.loss import each, slope
from nnkit.diagnosis.replay.operations import pull_back

Array = npt.NDArray[Any]

#: what must be replaced where an operation is wrong: a gradient is computed anew where the outputs are, and a step always
#: goes by gradients
MENDABLE = {
    "forward": ("forward", "loss", "gradients", "train_step"),
    "loss": ("loss", "gradients", "train_step"),
    "delta": ("gradients", "train_step"),
    "weight-gradient": ("gradients", "train_step"),
    "bias-gradient": ("gradients", "train_step"),
    "gradient": ("gradients", "train_step"),
    "batch": ("gradients", "train_step"),
    "update": ("train_step",),
}


class Mended:
    """The five methods of `network` (in standard form), of which those that the findings concern are replaced.

    names: the activation of each layer; conventions: loss and penalty. A replaced train_step is plain gradient descent.
    """

    def __init__(
        self, network: Any, names: Sequence[str], conventions: Conventions, findings: Iterable[Finding]
    ) -> None:
        self.network, self.names, self.conventions = network, tuple(names), conventions
        self.replaced = {method for finding in findings for method in MENDABLE.get(finding.operation, ())}
        self.output, self.loss_function = self.names[-1], conventions.loss
        if len(set(self.names[:-1])) == 1:
            self.hidden = self.names[0]
        # Most steps of a long training need nothing of the network, which takes as long to read and write as to step: so
        # the parameters are here, and the network gets them when it is asked for something.
        self._theta: list[Array] = [np.array(array) for array in network.parameters()]
        self._written = True

    def parameters(self) -> list[Array]:
        return [array.copy() for array in self._theta]

    def set_parameters(self, values: Sequence[Array]) -> None:
        self._theta = [
            np.array(np.asarray(value).real, dtype=old.dtype) for value, old in zip(values, self._theta, strict=True)
        ]
        self._written = False

    def forward(self, x: Array) -> Array:
        if "forward" not in self.replaced:
            return np.asarray(self._up_to_date().forward(x))
        return self._passes(x)[0][-1]

    def loss(self, x: Array, y: Array) -> float:
        if "loss" not in self.replaced:
            return float(self._up_to_date().loss(x, y))
        a, z = self._passes(x)
        penalty = self.conventions.penalty(self._theta, len(x))
        return float(self._losses(a[-1], z[-1], y).mean()) + penalty

    def gradients(self, x: Array, y: Array) -> list[Array]:
        if "gradients" not in self.replaced:
            return [np.asarray(gradient) for gradient in self._up_to_date().gradients(x, y)]
        parameters = self._theta
        a, z = self._passes(x)
        delta = self._output_delta(a[-1], z[-1], y) / len(x)
        gradients: list[Array] = []
        for number in range(len(self.names), 0, -1):
            gradients = [a[number - 1].T @ delta, delta.sum(axis=0), *gradients]
            if number > 1:
                delta = pull_back(self.names[number - 2], z[number - 2], delta @ parameters[2 * number - 2].T)
        if self.conventions.penalised:
            slopes = self.conventions.penalty_slopes(parameters, len(x))
            gradients = [g + s for g, s in zip(gradients, slopes, strict=True)]
        return [g.astype(p.dtype, copy=False) for g, p in zip(gradients, parameters, strict=True)]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        if "train_step" not in self.replaced:
            self._up_to_date().train_step(x, y, learning_rate)
            self._theta = [np.array(array) for array in self.network.parameters()]
            return
        self.set_parameters([p - learning_rate * g for p, g in zip(self._theta, self.gradients(x, y), strict=True)])

    def _up_to_date(self) -> Any:
        if not self._written:
            write(self.network, self._theta)
            self._written = True
        return self.network

    def _passes(self, x: Array) -> tuple[list[Array], list[Array]]:
        """Activations, the first of them x, and weighted inputs of all layers."""
        parameters = self._theta
        a, z = [np.asarray(x)], []
        for number, name in enumerate(self.names):
            z.append(a[-1] @ parameters[2 * number] + parameters[2 * number + 1])
            a.append(activate(name, z[-1]))
        return a, z

    @property
    def _from_logits(self) -> bool:
        """Whether p - y is the derivative, and the loss can be had without the logarithm of a rounded zero."""
        return (self.conventions.loss, self.output) in (
            ("binary_cross_entropy", "sigmoid"),
            ("cross_entropy", "softmax"),
        )

    def _losses(self, p: Array, z: Array, y: Array) -> Array:
        if not self._from_logits:
            return each(self.conventions.loss, p, y)
        if self.output == "sigmoid":
            return np.asarray((np.logaddexp(0, z) - y * z).mean(axis=-1))
        top = z.max(axis=-1, keepdims=True)
        return np.asarray((np.log(np.exp(z - top).sum(axis=-1)) + top[..., 0]) * y.sum(axis=-1) - (y * z).sum(axis=-1))

    def _output_delta(self, p: Array, z: Array, y: Array) -> Array:
        if self._from_logits:
            return np.asarray((p - y) / (p.shape[-1] if self.output == "sigmoid" else 1))
        return pull_back(self.output, z, slope(self.conventions.loss, p, y))
