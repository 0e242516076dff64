"""Faults to plant into the gradients of a correct network: one parameter or one entry of it, changed in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnkit.gradients import GradientCheck

Change = Callable[[list[Any], list[Any]], None]


def middle(array: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(array.size // 2, array.shape))


def factor(k: int, by: float = 1.0001) -> Change:
    def change(gradients: list[Any], _: Any) -> None:
        gradients[k] *= by

    return change


def one_entry(k: int, new: Callable[[float], float]) -> Change:
    def change(gradients: list[Any], _: Any) -> None:
        index = middle(gradients[k])
        gradients[k][index] = new(gradients[k][index])

    return change


def l2(k: int, strength: float = 1e-5) -> Change:
    def change(gradients: list[Any], parameters: list[Any]) -> None:
        gradients[k] += strength * parameters[k]

    return change


def swapped_axes(k: int) -> Change:
    def change(gradients: list[Any], _: Any) -> None:
        gradients[k][:] = gradients[k].T.copy()

    return change


FAULTS: dict[str, Callable[[int], Change]] = {
    "factor 1.0001": factor,
    "entry zeroed": lambda k: one_entry(k, lambda g: 0.0),
    "entry 1 % too large": lambda k: one_entry(k, lambda g: 1.01 * g),
    "undeclared L2 of 1e-5": l2,
    "swapped axes": swapped_axes,
}


def is_accused_alone(check: GradientCheck, k: int) -> bool:
    return not check.passed and {p.name for p in check.wrong} == {f"parameter {k}"}
