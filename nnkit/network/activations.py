"""Activation functions: what a unit makes of its weighted input, a = f(z), and the slope da/dz.

Every function is written so that no finite z overflows, and so that it also takes complex z (the branch is chosen by
the real part): that is what makes the complex-step derivative possible. Slopes are given z and a, because the cheapest
formula uses sometimes the one and sometimes the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LEAK = 0.01  # slope of leaky ReLU for z < 0 (Maas, Hannun, Ng 2013)


@dataclass(frozen=True)
class Activation:
    """f and its derivative, elementwise; z, a and the results have the same shape.

    value(z, out) -> a; slope(z, a, out) -> da/dz. `out` may be None, or an array to write to that is neither z nor a.
    """

    name: str
    value: Callable[[Array, Array | None], Array]
    slope: Callable[[Array, Array, Array | None], Array]


def _sigmoid(z: Array, out: Array | None = None) -> Array:
    # exp of a number that is never positive: no overflow, and full relative accuracy far into both tails.
    e = np.exp(np.where(z.real > 0, -z, z))
    a: Array = np.divide(np.where(z.real > 0, 1, e), 1 + e, out=out)
    return a


def _sigmoid_slope(z: Array, a: Array, out: Array | None = None) -> Array:
    slope: Array = np.multiply(a, 1 - a, out=out)
    return slope


def _tanh(z: Array, out: Array | None = None) -> Array:
    return np.tanh(z, out=out)


def _tanh_slope(z: Array, a: Array, out: Array | None = None) -> Array:
    out = np.multiply(a, a, out=out)
    return np.subtract(1, out, out=out)


def _relu(z: Array, out: Array | None = None) -> Array:
    if np.iscomplexobj(z):
        return np.multiply(z, z.real > 0, out=out)
    return np.maximum(z, 0, out=out)


def _relu_slope(z: Array, a: Array, out: Array | None = None) -> Array:
    # The slope at z = 0 is a choice between 0 and 1; 0 is everybody's.
    slope: Array = np.greater(z.real, 0, out=np.empty_like(z) if out is None else out)
    return slope


def _leaky_relu(z: Array, out: Array | None = None) -> Array:
    if np.iscomplexobj(z):
        return np.multiply(z, np.where(z.real > 0, 1.0, LEAK), out=out)
    out = np.multiply(z, z.dtype.type(LEAK), out=out)
    return np.maximum(z, out, out=out)


def _leaky_relu_slope(z: Array, a: Array, out: Array | None = None) -> Array:
    slope = np.where(z.real > 0, 1.0, LEAK).astype(z.dtype)
    if out is None:
        return slope
    out[...] = slope
    return out


def _softplus(z: Array, out: Array | None = None) -> Array:
    """log(1 + e^z) = max(z, 0) + log(1 + e^-|z|)."""
    positive = z.real > 0
    return np.add(np.where(positive, z, 0), np.log1p(np.exp(np.where(positive, -z, z))), out=out)


def _softplus_slope(z: Array, a: Array, out: Array | None = None) -> Array:
    return _sigmoid(z, out)


def _identity(z: Array, out: Array | None = None) -> Array:
    return np.positive(z, out=out)


def _identity_slope(z: Array, a: Array, out: Array | None = None) -> Array:
    out = np.empty_like(z) if out is None else out
    out[...] = 1
    return out


def softmax(z: Array) -> Array:
    """Rows of z (n, d) to rows of probabilities: e^z / sum e^z, the same for z + c, so the largest is taken off first.

    It joins the units of a row, so it is no elementwise activation: it serves as an output only.
    """
    # Laid on its side: NumPy adds long rows to one another several times as quickly as it sums many short ones.
    columns = z.T.copy()
    e = np.exp(columns - columns.real.max(axis=0))
    e /= e.sum(axis=0)
    p: Array = e.T.copy()
    return p


SIGMOID = Activation("sigmoid", _sigmoid, _sigmoid_slope)
TANH = Activation("tanh", _tanh, _tanh_slope)
RELU = Activation("relu", _relu, _relu_slope)
LEAKY_RELU = Activation("leaky_relu", _leaky_relu, _leaky_relu_slope)
SOFTPLUS = Activation("softplus", _softplus, _softplus_slope)
IDENTITY = Activation("identity", _identity, _identity_slope)

ACTIVATIONS = {f.name: f for f in (SIGMOID, TANH, RELU, LEAKY_RELU, SOFTPLUS, IDENTITY)}
