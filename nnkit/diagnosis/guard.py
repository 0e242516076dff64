"""The gradient check of a loss that keeps clear of log(0).

People clip p at a guard of 1e-15 or 1e-7 before they take its logarithm, or add the guard to it, and take p - y for the
gradient all the same. Both are right: the guard is there for the computer's sake, and the loss that is meant has none.
But where an output is saturated the loss is flat because of the guard, or its 1 - p has few digits left, and its
differences say nothing of the loss that is meant. So what disagrees with the loss as it is computed is compared, too, with the
loss as it is meant: by its formula, from the weighted inputs of the output layer, where nothing needs a guard. That
counts only where the two losses differ by an honest guard and by nothing else, sample by sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis import oracle
from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.formulas import UNREAD, formula
from nnkit.diagnosis.oracle import LARGEST_GUARD, ROUNDINGS, ulps
from nnkit.gradients import GradientCheck, Parameters, check_gradients

Array = npt.NDArray[Any]

#: the multiple of z whose sigmoid each output is
_SIGMOIDS = {"sigmoid": 1.0, "half_of_1_plus_tanh": 2.0}


def check_gradients_past_guard(
    network: Any, read: Callable[[], Conventions], x: Array, y: Array, **options: Any
) -> tuple[GradientCheck, tuple[str, ...]]:
    """`check_gradients`, and the points at which it was judged by the loss without its guard.

    read: tells the network's conventions; asked only where something is wrong.
    """
    check = check_gradients(network, x, y, **options)
    if check.passed:
        return check, ()
    conventions = read()
    if not (_has_formula(conventions) and _in_standard_form(network, x, y)):
        return check, ()
    meant = WithoutGuard(network, conventions)
    points, excused = list(check.points), []
    for k, point in enumerate(points):
        if point.passed or point.problem:
            continue
        again = check_gradients(
            meant, x, y, **options | {"points": [(point.name, point.theta)], "limit": check.limit}
        ).points[0]
        if again.passed and _only_a_guard_apart(network, conventions, point.theta, x, y):
            points[k] = again
            excused.append(point.name)
    return replace(check, points=tuple(points)), tuple(excused)


def where_without_guard(points: Iterable[str]) -> str:
    """The words on these points, for after the number; "" for none."""
    names = " and ".join(repr(name) for name in dict.fromkeys(points))
    return names and (
        f" At {names} outputs are so near 0 or 1 that what keeps the loss clear of log(0), a guard of at most "
        f"{LARGEST_GUARD:g}, bends it; gradients() is the slope of the loss without the guard there."
    )


class WithoutGuard:
    """A network in standard form whose loss is computed by its formula, from logits. All else is passed on as it is."""

    def __init__(self, network: Any, conventions: Conventions) -> None:
        self.network, self.conventions = network, conventions

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.network, name)

    def loss(self, x: Array, y: Array) -> Any:
        c, parameters = self.conventions, [np.asarray(array) for array in self.network.parameters()]
        f, a = formula(c.hidden), np.asarray(x, dtype=parameters[0].dtype)
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            a = f.value(a @ W + b)
        p, rest = _logarithms(c.output, a @ parameters[-2] + parameters[-1])
        each = -(y * p).sum(axis=1) if c.loss == "cross_entropy" else -(y * p + (1 - y) * rest).mean(axis=1)
        return (each.mean() + c.penalty(parameters, len(x))).astype(parameters[0].dtype)


def _has_formula(c: Conventions) -> bool:
    known = c.output in _SIGMOIDS or c.output == "softmax"
    return known and c.hidden != UNREAD and c.loss in ("cross_entropy", "binary_cross_entropy")


def _in_standard_form(network: Any, x: Array, y: Array) -> bool:
    shapes = [np.shape(array) for array in network.parameters()]
    widths = [x.shape[1], *(shape[0] for shape in shapes[1::2] if len(shape) == 1)]
    return widths[-1] == y.shape[1] and shapes == [s for a, b in pairwise(widths) for s in ((a, b), (b,))]


def _logarithms(output: str, z: Array) -> tuple[Array, Array]:
    """log p and log(1 - p) of the outputs (n, k), from z."""
    if output in _SIGMOIDS:
        z = _SIGMOIDS[output] * z
        return -np.logaddexp(0, -z), -np.logaddexp(0, z)
    total = np.logaddexp.reduce(z, axis=1, keepdims=True)
    others = [np.logaddexp.reduce(np.delete(z, j, axis=1), axis=1) for j in range(z.shape[1])]
    return z - total, np.stack(others, axis=1) - total


def _only_a_guard_apart(network: Any, conventions: Conventions, theta: Array, x: Array, y: Array) -> bool:
    """Whether at theta the loss of each sample is one that an honest guard may give."""
    parameters = Parameters(network)
    with parameters.kept():
        parameters.write(theta)
        return all(_honest(network, conventions, parameters.split(theta), x[i], y[i]) for i in range(len(x)))


def _honest(network: Any, conventions: Conventions, parameters: Sequence[Array], x: Array, y: Array) -> bool:
    hand = oracle.work_out(parameters, conventions, x.astype(conventions.dtype), y)
    loss = float(network.loss(x[None], y[None]))
    return bool(ulps(loss, np.clip(loss, *hand.loss_range), hand.loss_condition, conventions.eps) <= ROUNDINGS)
