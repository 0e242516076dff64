"""A suspect: a cause that would explain what is seen, what speaks for it, and the one change that would take it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt

from nnkit.subjects.program import Program

Array = npt.NDArray[Any]
#: own arrays of parameters() to others, before the first step
Start = Callable[[list[Array]], list[Array]]
#: (number of the step from 0, the rate that was asked for) to the rate that is used
Rate = Callable[[int, float], float]
#: (network, x, y, rate), in the place of the network's own update
Update = Callable[[Any, Array, Array, float], None]


@dataclass(frozen=True, eq=False)
class Suspect:
    """cause, operation, layer, parameter: as of a finding. evidence: what speaks for it, a sentence. change: what is done
    about it, words that follow "With": "the inputs divided by 255". advice: what the author is to write.

    program: the changed one, None where the program stays; start, rate, update: changes of the first weights, of the
    rates, of the updates. steps: how many times as many steps it is given. on: on which data it is to help. fact: True where
    what is seen leaves no other explanation, so that the cause stands even where the change alone does not cure. odd: whether what is suspected stands out by itself
    (no rate does). harmless: a slip that did not hurt. proves: what the trial has to show: that the change
    cures, or that it makes no difference (to deal targets out at random, where they are at random already).
    """

    cause: str
    operation: str
    evidence: str
    change: str
    advice: str = ""
    program: Program | None = None
    start: Start | None = None
    rate: Rate | None = None
    update: Update | None = None
    steps: float = 1.0
    on: Literal["training", "test"] = "training"
    fact: bool = False
    odd: bool = True
    harmless: bool = False
    proves: Literal["cure", "no-difference"] = "cure"
    layer: int | None = None
    parameter: str | None = None
