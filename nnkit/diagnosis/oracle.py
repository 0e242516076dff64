"""The oracle: a forward pass worked out by hand, in fifty digits, independently of every network.

It shares no line with `nnkit.network`, uses no array arithmetic and none of the tricks that keep floats stable: at
fifty digits (mpmath) the textbook formula is right as it stands. What it says is then rounded once to a float.

Losses of n samples and k outputs, in nats where there is a logarithm:
    mse                   1/(n k) sum (p - y)^2
    binary_cross_entropy  -1/(n k) sum (y ln p + (1 - y) ln(1 - p))
    cross_entropy         -1/n sum y ln p
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions

Array = npt.NDArray[Any]
Number = Any  # an mpmath number

#: logits reach 1e4 in stage 2, and 1 - e^-1e4 needs 4,343 digits to be told from 1
DIGITS = 50
DIGITS_FOR_LARGE_LOGITS = 4400


@dataclass(frozen=True)
class Unit:
    """One unit for one sample: `terms` are the products w x, then b; z is their sum; a is f(z).

    scale = sum |w x| + |b|: the size that the rounding of z is relative to.
    """

    terms: tuple[float, ...]
    z: float
    a: float
    scale: float


@dataclass(frozen=True)
class Pass:
    """The whole calculation for one sample: layers of units, the output row and the loss of that sample alone."""

    layers: tuple[tuple[Unit, ...], ...]
    output: Array
    loss: float


def work_out(
    parameters: Sequence[Array], conventions: Conventions, x: Array, y: Array, *, digits: int = DIGITS
) -> Pass:
    """The forward pass and loss for one sample: x (d_in,), y (d_out,), parameters [W1, b1, ...]."""
    with mpmath.workdps(digits):
        a: list[Number] = [mpmath.mpf(float(value)) for value in x]
        layers = []
        count = len(parameters) // 2
        for index in range(count):
            W, b = parameters[2 * index], parameters[2 * index + 1]
            name = conventions.output if index == count - 1 else conventions.hidden
            terms = [
                [mpmath.mpf(float(W[i, j])) * a[i] for i in range(len(a))] + [mpmath.mpf(float(b[j]))]
                for j in range(W.shape[1])
            ]
            z = [mpmath.fsum(column) for column in terms]
            a = activate(name, z)
            layers.append(
                tuple(
                    Unit(tuple(map(float, t)), float(zj), float(aj), float(mpmath.fsum(t, absolute=True)))
                    for t, zj, aj in zip(terms, z, a, strict=True)
                )
            )
        targets = [mpmath.mpf(float(value)) for value in y]
        return Pass(tuple(layers), np.array([float(p) for p in a]), float(loss_of(conventions.loss, a, targets)))


def loss(parameters: Sequence[Array], conventions: Conventions, x: Array, y: Array, *, digits: int = DIGITS) -> float:
    """The loss of a batch, x (n, d_in), y (n, d_out): the mean of the losses of its samples."""
    return float(
        np.mean([work_out(parameters, conventions, r, t, digits=digits).loss for r, t in zip(x, y, strict=True)])
    )


def loss_gradient(parameters: Sequence[Array], conventions: Conventions, x: Array, y: Array) -> list[Array]:
    """d loss / d parameter of a batch, by central differences in fifty digits: exact to every digit of a float.

    The step of 1e-15 leaves an error of 1e-30 by truncation and 1e-35 by rounding.
    """
    step = mpmath.mpf(10) ** -15
    gradients = [np.zeros(np.shape(parameter)) for parameter in parameters]
    with mpmath.workdps(DIGITS):
        exact = [np.vectorize(lambda value: mpmath.mpf(float(value)), otypes=[object])(p) for p in parameters]
        for parameter, gradient in zip(exact, gradients, strict=True):
            for index in np.ndindex(parameter.shape):
                here = parameter[index]
                parameter[index] = here + step
                above = _batch_loss(exact, conventions, x, y)
                parameter[index] = here - step
                below = _batch_loss(exact, conventions, x, y)
                parameter[index] = here
                gradient[index] = float((above - below) / (2 * step))
    return gradients


def _batch_loss(parameters: Sequence[Any], conventions: Conventions, x: Array, y: Array) -> Number:
    total = mpmath.mpf(0)
    count = len(parameters) // 2
    for row, target in zip(x, y, strict=True):
        a = [mpmath.mpf(float(value)) for value in row]
        for index in range(count):
            W, b = parameters[2 * index], parameters[2 * index + 1]
            z = [mpmath.fsum([*(W[i, j] * a[i] for i in range(len(a))), b[j]]) for j in range(W.shape[1])]
            a = activate(conventions.output if index == count - 1 else conventions.hidden, z)
        total += loss_of(conventions.loss, a, [mpmath.mpf(float(value)) for value in target])
    return total / len(x)


def activate(name: str, z: Sequence[Number]) -> list[Number]:
    """The activations of one layer's units."""
    if name == "softmax":
        e = [mpmath.exp(value) for value in z]
        return [value / mpmath.fsum(e) for value in e]
    return [_FORMULAS[name](value) for value in z]


_FORMULAS: dict[str, Callable[[Number], Number]] = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: z if z > 0 else z * 0,
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "identity": lambda z: z,
}


def loss_of(name: str, p: Sequence[Number], y: Sequence[Number]) -> Number:
    """The loss of one sample. 0 ln 0 is 0, its limit."""
    k = len(p)
    if name == "mse":
        return mpmath.fsum((a - t) ** 2 for a, t in zip(p, y, strict=True)) / k
    if name == "binary_cross_entropy":
        return -mpmath.fsum(_times_log(t, a) + _times_log(1 - t, 1 - a) for a, t in zip(p, y, strict=True)) / k
    if name == "cross_entropy":
        return -mpmath.fsum(_times_log(t, a) for a, t in zip(p, y, strict=True))
    raise ValueError(f"no formula for the loss {name!r}")


def _times_log(factor: Number, value: Number) -> Number:
    if factor == 0:
        return mpmath.mpf(0)
    return factor * mpmath.log(value) if value > 0 else factor * mpmath.mpf("-inf")
