"""Pictures of trainings: the search for a learning rate, the range test, the size of the updates. As evidence, not drawn.

What a healthy one looks like depends on the stage, so the caption may be given; the lines and marks are the same in all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import Caption, Curves, Line, Mark
from nnkit.training import RangeTest, RateSearch

Array = npt.NDArray[Any]

_VALLEY = Caption(
    "The loss at the end of each trial, each on the same fresh network.",
    "A valley: low rates do not get far, the best lies a factor of 1 to 10 below where training breaks.",
    "No stable rate: the step goes uphill. A flat line at a guess: the rate does not matter, nothing arrives.",
)


def rate_search_picture(
    search: RateSearch, *, steps: int, unit: str, guess: float | None = None, taken: float | None = None
) -> Curves:
    """The loss after each trial of `steps` steps, against its rate.

    unit: of the loss; guess: the loss of saying the same to everything; taken: the rate that was trained with, where it
    is not the best one of the search.
    """
    chosen = search.best if taken is None else taken
    marks = [] if guess is None else [Mark("a guess", "y", guess)]
    if math.isfinite(chosen):
        marks.append(Mark("best rate" if taken is None else "rate taken", "x", chosen))
    if math.isfinite(search.boundary):
        marks.append(Mark("boundary: unstable from here", "x", search.boundary))
    trials = sorted(search.trials, key=lambda trial: trial.rate)
    return Curves(
        title="The search for a learning rate",
        caption=_VALLEY,
        x_label="learning rate",
        y_label=f"loss after {steps} steps ({unit})",
        lines=[
            Line(
                "stable" if stable else "unstable",
                np.array([trial.rate for trial in trials if trial.stable == stable]),
                np.array([trial.last for trial in trials if trial.stable == stable]),
                "line" if stable else "points",
            )
            for stable in (True, False)
        ],
        marks=marks,
        log_x=True,
        log_y=True,
    )


_REGIONS = Caption(
    "One training in which every step has a higher rate than the one before: the loss after each.",
    "Three regions: flat, falling, then ragged and rising. The best rate to hold lies one to ten times below that where "
    "the loss is lowest; the peak of a schedule may come near to it.",
    "A gap, or an end before it has risen: a defect in the model or in the data, not the rate. It never falls: nothing arrives.",
)


def range_test_picture(seen: RangeTest, *, unit: str, taken: float | None = None) -> Curves:
    """The loss of a range test against the rate, with its regions (source S4.8); taken: the rate that was trained with."""
    marks = [
        Mark(label, "x", rate)
        for label, rate in (
            ("begins to fall", seen.falling_from), ("rate taken", math.nan if taken is None else taken),
            ("lowest", seen.lowest), ("rises again", seen.diverging_from),
        )
        if math.isfinite(rate)
    ]  # fmt: skip
    # Infinite losses have no place on the axis: the line has a gap there, as where they are NaN.
    loss = np.where(np.isfinite(seen.loss), seen.loss, np.nan)
    return Curves(
        title="The range test: rates that rise in the course of one training",
        caption=_REGIONS,
        x_label="learning rate",
        y_label=f"loss after the step ({unit})",
        lines=[Line("loss", seen.rates, loss, "points"), Line("smoothed", seen.rates, seen.smoothed)],
        marks=marks,
        log_x=True,
        log_y=True,
    )


def update_ratios_picture(steps: Sequence[int], ratios: Sequence[Sequence[float]], caption: Caption) -> Curves:
    """`update_ratios` (one row of ratios, a column for each W) at each of `steps`."""
    table = np.array(ratios, dtype=float)
    return Curves(
        title="How large the updates are beside the weights",
        caption=caption,
        x_label="step",
        y_label="size of update / size of weights",
        lines=[Line(f"W{layer + 1}", np.array(steps), column) for layer, column in enumerate(table.T)],
        marks=[Mark("1/1000", "y", 1e-3)],
        log_y=True,
    )
