"""The oracle: a forward pass worked out by hand, in fifty digits, independently of every network.

It shares no line with `nnkit.network`, uses no array arithmetic and none of the tricks that keep floats stable: at
fifty digits (mpmath) the textbook formula is right as it stands. What it says is then rounded once to a float.

Losses of n samples and k outputs, in nats where there is a logarithm:
    mse                   1/(n k) sum (p - y)^2
    binary_cross_entropy  -1/(n k) sum (y ln p + (1 - y) ln(1 - p))
    cross_entropy         -1/n sum y ln p

A penalty, where there is one, is added to that.

Beside every number stands its condition: how far it moves, to first order, if everything that enters it moves by one
part of itself. A correct computation in floats is off by a few eps times that, whatever the order of its sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.formulas import UNREAD, NotRead, formula

Array = npt.NDArray[Any]
Number = Any  # an mpmath number

DIGITS = 50
#: People keep log(p) finite by p + guard, or by clipping p at the guard. Both are honest, up to this size.
LARGEST_GUARD = 1e-7
#: A number may be off by so many roundings (see `ulps`): the longest chain from the inputs of a layer of four to a
#: number is 4 products and 5 sums, then up to 7 steps inside an activation or a loss.
ROUNDINGS = 16
WHY_ROUNDINGS = (
    f"at most {ROUNDINGS} roundings lie between the inputs of a layer and its outputs; 1 ulp is eps times the sizes of "
    "all numbers that enter, so the order of the sums does not matter."
)


@dataclass(frozen=True)
class Unit:
    """One unit for one sample: `terms` are the products w x, then b; z is their sum; a is f(z).

    z_condition, a_condition: of z (sum |w x| + |b|, and the conditions of the x) and of a, in the units of z and a.
    """

    terms: tuple[float, ...]
    z: float
    a: float
    z_condition: float
    a_condition: float


@dataclass(frozen=True)
class Pass:
    """The whole calculation for one sample: layers of units, the output row and the loss of that sample alone.

    Loss, range and condition are NaN where the loss is not known.
    loss_range: the lowest and the highest loss that a guard against log(0) of at most `LARGEST_GUARD` may give, where
    digits of 1 - p were lost, too; `loss` lies in it. loss_condition: as in `Unit`.
    """

    layers: tuple[tuple[Unit, ...], ...]
    output: Array
    loss: float
    loss_range: tuple[float, float]
    loss_condition: float

    @property
    def output_condition(self) -> Array:
        return np.array([unit.a_condition for unit in self.layers[-1]])


def work_out(parameters: Sequence[Array], conventions: Conventions, x: Array, y: Array) -> Pass:
    """The forward pass and loss for one sample: x (d_in,), y (d_out,), parameters [W1, b1, ...]."""
    with mpmath.workdps(DIGITS):
        a: list[Number] = [mpmath.mpf(float(value)) for value in x]
        condition = [0.0] * len(a)  # the inputs are given exactly
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
            plain = [tuple(map(float, column)) for column in terms]
            z_condition = [
                sum(map(abs, column)) + sum(abs(float(W[i, j])) * c for i, c in enumerate(condition))
                for j, column in enumerate(plain)
            ]
            condition = _through(name, [float(value) for value in z], [float(value) for value in a], z_condition)
            units = zip(plain, map(float, z), map(float, a), z_condition, condition, strict=True)
            layers.append(tuple(Unit(*unit) for unit in units))
        targets = [mpmath.mpf(float(value)) for value in y]
        rest = _complements(conventions.output, z, a)
        if conventions.loss == UNREAD:
            unknown = float("nan")
            return Pass(tuple(layers), np.array([float(p) for p in a]), unknown, (unknown, unknown), unknown)
        exact = loss_of(conventions.loss, a, targets, rest)
        guard = LARGEST_GUARD + conventions.eps  # 1 - guard is rounded, too
        known = [ROUNDINGS * conventions.eps * size for size in condition]
        least = float(np.finfo(conventions.dtype).smallest_subnormal)
        others = _guarded_losses(conventions.loss, a, targets, rest, guard, known, least)
        guarded = [float(exact), *map(float, others)]
        penalty = conventions.penalty(parameters, 1)
        return Pass(
            tuple(layers),
            np.array([float(p) for p in a]),
            float(exact) + penalty,
            (min(guarded) + penalty, max(guarded) + penalty),
            _loss_condition(conventions.loss, a, targets, rest, condition, max(z_condition), float(exact))
            # The sum of squares is a sum of as many terms as there are parameters.
            + penalty * sum(np.size(parameter) for parameter in parameters),
        )


def ulps(code: Any, hand: Any, condition: Any, eps: float) -> Array:
    """How far the code's numbers are from those worked out by hand, in roundings of the numbers that enter.

    One rounding is eps times the condition. Any shapes that broadcast; infinity where the code's number is none.
    """
    with np.errstate(all="ignore"):
        found = np.abs(np.asarray(code, dtype=float) - hand) / (eps * np.asarray(condition))
    return np.where(np.isnan(found), np.inf, found)


def loss(parameters: Sequence[Array], conventions: Conventions, x: Array, y: Array) -> float:
    """The loss of a batch, x (n, d_in), y (n, d_out): the mean of the losses of its samples."""
    each = np.mean([work_out(parameters, conventions, r, t).loss for r, t in zip(x, y, strict=True)])
    return float(each) - conventions.penalty(parameters, 1) + conventions.penalty(parameters, len(x))


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
    slopes = conventions.penalty_slopes(parameters, len(x))
    return [gradient + slope for gradient, slope in zip(gradients, slopes, strict=True)]


def _batch_loss(parameters: Sequence[Any], conventions: Conventions, x: Array, y: Array) -> Number:
    total = mpmath.mpf(0)
    count = len(parameters) // 2
    for row, target in zip(x, y, strict=True):
        a = [mpmath.mpf(float(value)) for value in row]
        for index in range(count):
            W, b = parameters[2 * index], parameters[2 * index + 1]
            z = [mpmath.fsum([*(W[i, j] * a[i] for i in range(len(a))), b[j]]) for j in range(W.shape[1])]
            a = activate(conventions.output if index == count - 1 else conventions.hidden, z)
        targets = [mpmath.mpf(float(value)) for value in target]
        total += loss_of(conventions.loss, a, targets, _complements(conventions.output, z, a))
    return total / len(x)


def activate(name: str, z: Sequence[Number]) -> list[Number]:
    """The activations of one layer's units."""
    if name == "softmax":
        e = [mpmath.exp(value) for value in z]
        total = mpmath.fsum(e)
        return [value / total for value in e]
    return [formula(name).exact(value) for value in z]


def _complements(output: str, z: Sequence[Number], p: Sequence[Number]) -> list[Number]:
    """1 - p. Behind a sigmoid it is 1 / (1 + e^z), for beside 1 fifty digits hold no e^-1e4."""
    return [1 / (1 + mpmath.exp(value)) for value in z] if output == "sigmoid" else [1 - value for value in p]


def loss_of(name: str, p: Sequence[Number], y: Sequence[Number], rest: Sequence[Number] | None = None) -> Number:
    """The loss of one sample; `rest` is 1 - p, where that is known better. 0 ln 0 is 0, its limit."""
    k = len(p)
    if name == "mse":
        return mpmath.fsum((a - t) ** 2 for a, t in zip(p, y, strict=True)) / k
    if name == "binary_cross_entropy":
        rest = [1 - a for a in p] if rest is None else rest
        return -mpmath.fsum(_times_log(t, a) + _times_log(1 - t, r) for a, r, t in zip(p, rest, y, strict=True)) / k
    if name == "cross_entropy":
        return -mpmath.fsum(_times_log(t, a) for a, t in zip(p, y, strict=True))
    if name == UNREAD:
        raise NotRead("its loss function")
    raise ValueError(f"no formula for the loss {name!r}")


def _times_log(factor: Number, value: Number) -> Number:
    if factor == 0:
        return mpmath.mpf(0)
    return factor * mpmath.log(value) if value > 0 else factor * mpmath.mpf("-inf")


def _guarded_losses(
    name: str,
    p: Sequence[Number],
    y: Sequence[Number],
    rest: Sequence[Number],
    guard: float,
    known: Sequence[float],
    least: float,
) -> list[Number]:
    """The loss with p clipped at the guard, with the guard added inside the logarithms, and with the smallest p and 1 - p
    lower by as much as they are known (`known`, for each output): what is left may be nothing but a guard of any size,
    such as 1e-300; `least` is the smallest number there is."""
    if name == "mse":
        return []

    def clip(values: Sequence[Number]) -> list[Number]:
        return [min(max(value, guard), 1 - guard) for value in values]

    def add(values: Sequence[Number]) -> list[Number]:
        return [value + guard for value in values]

    def lose(values: Sequence[Number]) -> list[Number]:
        pairs = zip(values, known, strict=True)
        return [value if value > LARGEST_GUARD else max(value - error, min(value, least)) for value, error in pairs]

    return [loss_of(name, change(p), y, change(rest)) for change in (clip, add, lose)]


def _through(name: str, z: Sequence[float], a: Sequence[float], z_condition: Sequence[float]) -> list[float]:
    """The conditions of the activations: slope times that of z, and the size of the numbers that f itself handles.

    Bounded activations pass through numbers of size 1 (1 + e^-z), so they are known to eps, not to eps times a.
    """
    if name == "softmax":
        # dp_j/dz_i = p_j (1[i=j] - p_i): the row sums to at most 2 p_j (1 - p_j) in absolute value.
        return [2 * p * (1 - p) * max(z_condition) + 1.0 for p in a]
    f = formula(name)
    # At a kink the slope is either of two: the larger one serves.
    slopes = np.full(len(z), f.steepest) if f.kinks else np.abs(f.slope(np.array(z)))
    sizes = [max(1.0, abs(value), abs(at) if f.times_z else 0.0) for at, value in zip(z, a, strict=True)]
    return [float(slope) * c + size for slope, c, size in zip(slopes, z_condition, sizes, strict=True)]


def _loss_condition(
    name: str,
    p: Sequence[Number],
    y: Sequence[Number],
    rest: Sequence[Number],
    condition: Sequence[float],
    z_condition: float,
    loss: float,
) -> float:
    """|dL/dp| times the condition of p, and the loss itself."""
    k = len(p)

    def logarithm(value: Number, condition: float) -> float:
        # Below the guard a loss from probabilities is the guard's; one from logits has a slope of at most 2.
        return condition / float(value) if value > LARGEST_GUARD else 2 * z_condition

    if name == "mse":
        parts = [2 * abs(float(a - t)) / k * c for a, t, c in zip(p, y, condition, strict=True)]
    else:
        parts = [float(t) * logarithm(a, c) for a, t, c in zip(p, y, condition, strict=True)]
        if name == "binary_cross_entropy":
            parts += [float(1 - t) * logarithm(r, c) for r, t, c in zip(rest, y, condition, strict=True)]
            parts = [part / k for part in parts]
    return sum(parts) + max(1.0, abs(loss))
