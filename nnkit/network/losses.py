"""Losses, each joined to the output activation that it is computed through.

A loss that is computed from the *logits* z of the output layer needs no logarithm of a probability that has been
rounded to 0, and its gradient needs no division by one: with p = sigmoid(z), the cross-entropy
-y log p - (1-y) log(1-p) is softplus(z) - y z, and its derivative is p - y. That is why an output activation and a loss
are one object here.

Every loss is a mean, and says over what. Units: nats for the cross-entropies, squared units of y for the MSE and Huber's
loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnkit.network.activations import ACTIVATIONS, IDENTITY, SIGMOID, SOFTPLUS, Activation, softmax

Array = npt.NDArray[Any]


class Head(Protocol):
    """An output activation with its loss. z, y, p: (n, d_out)."""

    @property
    def output(self) -> str: ...

    @property
    def loss(self) -> str: ...

    def predict(self, z: Array) -> Array:
        """The network's output p."""

    def value(self, z: Array, y: Array) -> Any:
        """The loss, a scalar in z's float type."""

    def delta(self, z: Array, y: Array) -> Array:
        """d loss / d z."""


@dataclass(frozen=True)
class SquaredError:
    """Mean over samples and outputs of (p - y)^2, behind any elementwise output activation."""

    activation: Activation = IDENTITY
    loss: str = "mse"

    @property
    def output(self) -> str:
        return self.activation.name

    def predict(self, z: Array) -> Array:
        return self.activation.value(z, None)

    def value(self, z: Array, y: Array) -> Any:
        difference = self.predict(z) - y
        return (difference * difference).sum() / y.size

    def delta(self, z: Array, y: Array) -> Array:
        p = self.predict(z)
        return 2 / y.size * (p - y) * self.activation.slope(z, p, None)


@dataclass(frozen=True)
class Huber:
    """Mean over samples and outputs of h(p - y), behind any elementwise output activation (Huber 1964; source S4.4).

    h(r) = r^2 / 2 where |r| <= knee, and knee (|r| - knee / 2) beyond: squared near 0, where the absolute error would
    keep on taking full steps, and absolute for outliers, which the squared one would give most of the weight. The
    slope of h is r, held between -knee and knee. For small r it is half of `SquaredError`.
    """

    activation: Activation = IDENTITY
    knee: float = 1.0
    loss: str = "huber"

    def __post_init__(self) -> None:
        if not self.knee > 0:
            raise ValueError(f"the Huber loss turns from squared to absolute at a positive error; got {self.knee}")

    @property
    def output(self) -> str:
        return self.activation.name

    def predict(self, z: Array) -> Array:
        return self.activation.value(z, None)

    def value(self, z: Array, y: Array) -> Any:
        r = self.predict(z) - y
        slope = self._slope(r)
        return (slope * (r - slope / 2)).sum() / y.size  # both cases of h at once, and no square that overflows

    def delta(self, z: Array, y: Array) -> Array:
        p = self.predict(z)
        delta: Array = self._slope(p - y) / y.size * self.activation.slope(z, p, None)
        return delta

    def _slope(self, r: Array) -> Array:
        return np.where(np.abs(r.real) <= self.knee, r, self.knee * np.sign(r.real))


@dataclass(frozen=True)
class SoftmaxSquaredError:
    """Mean over samples and outputs of (p - y)^2 with p = softmax(z)."""

    output: str = "softmax"
    loss: str = "mse"

    def predict(self, z: Array) -> Array:
        return softmax(z)

    def value(self, z: Array, y: Array) -> Any:
        difference = softmax(z) - y
        return (difference * difference).sum() / y.size

    def delta(self, z: Array, y: Array) -> Array:
        # dp_i/dz_j = p_i (1[i=j] - p_j), so a row g = dL/dp becomes p * (g - g.p).
        p = softmax(z)
        g = 2 / y.size * (p - y)
        delta: Array = p * (g - (g * p).sum(axis=1, keepdims=True))
        return delta


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Mean over samples and outputs of -y log p - (1-y) log(1-p) with p = sigmoid(z)."""

    output: str = "sigmoid"
    loss: str = "binary_cross_entropy"

    def predict(self, z: Array) -> Array:
        return SIGMOID.value(z, None)

    def value(self, z: Array, y: Array) -> Any:
        # The rounding of softplus(z) - y z would swallow small losses of large logits; the two one-sided forms do not.
        return (y * SOFTPLUS.value(-z, None) + (1 - y) * SOFTPLUS.value(z, None)).sum() / y.size

    def delta(self, z: Array, y: Array) -> Array:
        return (SIGMOID.value(z, None) - y) / y.size


@dataclass(frozen=True)
class CategoricalCrossEntropy:
    """Mean over samples of -sum over classes of y log p, with p = softmax(z) and rows of y that sum to 1."""

    output: str = "softmax"
    loss: str = "cross_entropy"

    def predict(self, z: Array) -> Array:
        return softmax(z)

    def value(self, z: Array, y: Array) -> Any:
        shifted = z - z.real.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -(y * log_p).sum() / len(y)

    def delta(self, z: Array, y: Array) -> Array:
        p = softmax(z)
        p -= y
        p /= len(y)
        return p


def head(output: str, loss: str, *, huber_delta: float = 1.0) -> Head:
    """The output activation and loss of these names; ValueError says which go together.

    huber_delta: the error at which the loss "huber" turns from squared to absolute, in units of y.
    """
    if loss == "cross_entropy" and output == "softmax":
        return CategoricalCrossEntropy()
    if loss == "binary_cross_entropy" and output == "sigmoid":
        return BinaryCrossEntropy()
    if loss == "mse" and output == "softmax":
        return SoftmaxSquaredError()
    if loss == "mse" and output in ACTIVATIONS:
        return SquaredError(ACTIVATIONS[output])
    if loss == "huber" and output in ACTIVATIONS:
        return Huber(ACTIVATIONS[output], huber_delta)
    raise ValueError(
        f"no such pair of output activation and loss: output={output!r}, loss={loss!r}. Expected softmax with "
        f"cross_entropy, sigmoid with binary_cross_entropy, mse with softmax, or mse or huber with one of "
        f"{', '.join(ACTIVATIONS)}."
    )
