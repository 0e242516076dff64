"""Scales: from data to drawing coordinates, with a few round ticks whose labels never touch.

Three kinds: linear, log (positive values only) and symmetric log (both signs, many decades). The data are transformed
here and drawn on plain linear axes, which is quicker than a plotting library's own log axes and always gives the same
ticks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.report.numbers import power_of_ten

Floats = npt.NDArray[np.float64]

#: values beyond these are drawn as these: twice the range of an axis, and a tenth of a step, must be ordinary floats
LARGEST, SMALLEST = 1e300, 1e-290
#: a symmetric log axis shows at most this many decades on each side; all that is smaller is drawn near zero
MOST_DECADES = 12


@dataclass(frozen=True)
class Tick:
    at: float  # in drawing coordinates of the scale
    label: str


class Scale:
    """One axis. `low`, `high` are its ends in drawing coordinates, `ticks` lie between them.

    values: everything that must be visible; non-finite values (and, on a log scale, those that are not positive) are
    ignored. room: how many tick labels fit. pad: share of the range left free at both ends.
    """

    def __init__(
        self,
        values: Iterable[float] | npt.NDArray[Any],
        kind: str = "linear",
        *,
        room: int = 5,
        pad: float = 0.04,
    ) -> None:
        self.kind = kind
        data = np.asarray(values, dtype=np.float64).ravel()
        data = np.clip(data[np.isfinite(data)], -LARGEST, LARGEST)
        if kind == "log":
            data = data[data > 0]
        if data.size == 0:
            data = np.array([1.0])
        self.threshold = _threshold(data) if kind == "symlog" else 1.0
        drawn = self.of(data)
        low, high = float(drawn.min()), float(drawn.max())
        if high - low <= max(1e-9 * max(abs(low), abs(high)), SMALLEST):  # flat: what is left is rounding
            half = 0.5 * abs(high) if kind == "linear" and abs(high) > SMALLEST else 0.5
            low, high = low - half, high + half
        span = high - low
        self.low, self.high = low - pad * span, high + pad * span
        self.ticks = [t for t in self._ticks(room) if self.low - 1e-9 * span <= t.at <= self.high + 1e-9 * span]

    def of(self, values: npt.ArrayLike) -> Floats:
        """Drawing coordinates; NaN where a value cannot be shown."""
        data = np.asarray(values, dtype=np.float64)
        data = np.where(np.isfinite(data), np.clip(data, -LARGEST, LARGEST), np.nan)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            if self.kind == "log":
                return np.where(data > 0, np.log10(np.where(data > 0, np.maximum(data, SMALLEST), 1.0)), np.nan)
            if self.kind == "symlog":
                return np.asarray(np.sign(data) * np.log10(1.0 + np.abs(data) / self.threshold))
        return data

    def _ticks(self, room: int) -> list[Tick]:
        if self.kind == "symlog":
            return self._symlog_ticks(room)
        if self.kind == "log":
            first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
            if last - first >= 1:
                every = math.ceil((last - first + 1) / room)
                start = first + (-first) % every
                return [Tick(e, power_of_ten(e)) for e in range(start, last + 1, every)]
            low, high = 10.0**self.low, 10.0**self.high
            values = [v for v in round_values(low, high, room) if v > 0]
            return [Tick(math.log10(v), text) for v, text in zip(values, tick_labels(values), strict=True)]
        values = round_values(self.low, self.high, room)
        return [Tick(v, text) for v, text in zip(values, tick_labels(values), strict=True)]

    def _symlog_ticks(self, room: int) -> list[Tick]:
        smallest = math.floor(math.log10(self.threshold)) + 1
        exponents = range(smallest, min(smallest + MOST_DECADES + 2, 301))
        positive = [e for e in exponents if float(self.of(10.0**e)) <= self.high]
        negative = [e for e in exponents if -float(self.of(10.0**e)) >= self.low]
        every = max(1, math.ceil((len(positive) + len(negative)) / max(1, room - 1)))
        # counted from the largest, so that the ends of the axis are labelled, not the crowd around zero
        ticks = [Tick(-float(self.of(10.0**e)), "-" + power_of_ten(e)) for e in negative[::-1][::every]]
        ticks += [Tick(0.0, "0")] if self.low <= 0 <= self.high else []
        ticks += [Tick(float(self.of(10.0**e)), power_of_ten(e)) for e in positive[::-1][::every][::-1]]
        apart = (self.high - self.low) / (room + 2)
        kept: list[Tick] = []
        for tick in sorted(ticks, key=lambda t: (t.label != "0", -abs(t.at))):
            if all(abs(tick.at - other.at) >= apart for other in kept):
                kept.append(tick)
        return sorted(kept, key=lambda t: t.at)


def round_values(low: float, high: float, room: int) -> list[float]:
    """At most `room` round numbers (steps of 1, 2, 2.5 or 5 times a power of ten) in [low, high]."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low]
    magnitude = 10.0 ** math.floor(math.log10(span / room))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        step = factor * magnitude
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= room:
            return [i * step for i in range(first, last + 1)]
    return [low]


def tick_labels(values: list[float]) -> list[str]:
    """One style for a whole axis: as many decimals as the step needs, powers of ten where that would be long."""
    if not values:
        return []
    largest = max(abs(v) for v in values)
    step = min((b - a for a, b in pairwise(values)), default=largest) or 1.0
    if largest == 0:
        return ["0"] * len(values)
    if largest >= 1e6 or largest < 1e-3:
        exponent = math.floor(math.log10(largest) + 1e-9)
        unit = 10.0**exponent
        decimals = _decimals(step / unit)
        return ["0" if v == 0 else f"{v / unit:.{decimals}f}e{exponent}" for v in values]
    decimals = _decimals(step)
    return [f"{v:,.{decimals}f}" for v in values]


def _decimals(step: float) -> int:
    for decimals in range(12):
        if abs(round(step, decimals) - step) <= 1e-6 * step:
            return decimals
    return 12


def _threshold(data: Floats) -> float:
    sizes = np.abs(data[data != 0])
    if sizes.size == 0:
        return 1.0
    largest = math.floor(math.log10(float(sizes.max())))
    smallest = math.floor(math.log10(max(float(sizes.min()), SMALLEST)))
    return 10.0 ** max(smallest, largest - MOST_DECADES, -290)
