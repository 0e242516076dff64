"""Gradient clipping: a cure for exploding gradients (sources S3.3 and S4.2).

Both functions work in place, on any list of arrays: what `gradients(x, y)` of anybody's network returns. The two rules
are wrapped about an update rule, and so clip what `train_step` of the shared network descends by:

    Network(..., update_rule=ClipByNorm(Momentum(), 1.0))

A gradient that is not finite is left as it is: there is no direction to keep, and what made it must not be hidden.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.network.network import UpdateRule

Array = npt.NDArray[Any]


def clip_by_norm(gradients: Sequence[Array], limit: float) -> float:
    """g <- g limit / |g| where |g| > limit (Pascanu, Mikolov and Bengio 2013, Algorithm 1). Returns |g| as it was.

    |g| is the Euclidean norm of all arrays together, so that the direction stays.
    """
    _check(limit)
    norm = _norm(gradients)
    if limit < norm < math.inf:
        for gradient in gradients:
            np.multiply(gradient, limit / norm, out=gradient)
    return norm


def clip_by_value(gradients: Sequence[Array], limit: float) -> None:
    """Every entry to within -limit and limit: the large ones are cut, so the direction changes."""
    _check(limit)
    if all(np.isfinite(gradient).all() for gradient in gradients):
        for gradient in gradients:
            np.clip(gradient, -limit, limit, out=gradient)


class ClipByNorm:
    """`rule`, with the gradient clipped by its norm first.

    Clipping is for the rare peak: where `clipped` exceeds a tenth of `steps`, the limit holds back training as a whole
    (source S3.3), and a smaller rate is the cure.
    """

    name = "clip_by_norm"

    def __init__(self, rule: UpdateRule, limit: float) -> None:
        _check(limit)
        self.rule, self.limit = rule, limit
        self.steps = 0
        self.clipped = 0

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        self.steps += 1
        self.clipped += self.limit < clip_by_norm([gradient], self.limit) < math.inf
        self.rule.step(theta, gradient, learning_rate)


class ClipByValue:
    """`rule`, with every entry of the gradient clipped first."""

    name = "clip_by_value"

    def __init__(self, rule: UpdateRule, limit: float) -> None:
        _check(limit)
        self.rule, self.limit = rule, limit

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        clip_by_value([gradient], self.limit)
        self.rule.step(theta, gradient, learning_rate)


def _norm(gradients: Sequence[Array]) -> float:
    with np.errstate(over="ignore"):
        norm = math.hypot(*(float(np.linalg.norm(gradient)) for gradient in gradients))
    if math.isfinite(norm):
        return norm
    # Squares overflow long before the entries do (float32: from 2e19 on), and exploding gradients are what this is for.
    largest = float(np.max([np.abs(gradient).max(initial=0) for gradient in gradients]))
    if not math.isfinite(largest):
        return norm
    return largest * math.hypot(*(float(np.linalg.norm(gradient / largest)) for gradient in gradients))


def _check(limit: float) -> None:
    if not limit > 0:
        raise ValueError(f"the limit is a positive number; got {limit}")
