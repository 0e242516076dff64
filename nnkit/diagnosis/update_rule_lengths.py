"""What makes steps longer or shorter than the learning rate says: a factor for each step, common to all parameters.

A decaying rate, clipping and a forgotten 1/n all look like this. Each known reason predicts the factors from one constant
or none, and the first that predicts all of them is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.update_rule_formulas import Trace

Array = npt.NDArray[Any]

Kind = Literal["schedule", "factor", "samples", "ignored", "own", "uphill"]


@dataclass(frozen=True)
class Lengths:
    """kind: "schedule" (a known way to change the rate), "factor" (a constant), "samples" (made of n), "ignored" (the rate
    has no part in it), "own" or "uphill". clip: the limit of a clipped gradient. ratio: what a schedule falls by, once in
    so many steps (`period`). slope: what it grows by at each step."""

    kind: Kind
    words: str
    factors: Array
    clip: float | None = None
    ratio: float | None = None
    period: int = 1
    slope: float = 0.0


def path_to_come(lengths: Lengths) -> float:
    """How many first steps all steps to come are as long as, however many they are; infinite where they never end."""
    if lengths.ratio is None or not 0 < lengths.ratio < 1:
        return np.inf
    return lengths.period / (1 - lengths.ratio)


def name_lengths(trace: Trace, factors: Array) -> Lengths:
    """The reason for the factors (K,) of the steps, as far as one is known."""
    if not (factors > 0).any():
        return Lengths("uphill", "but with the wrong sign: it goes up the gradient", factors)
    # A factor is known to the rounding of the moves from which it was taken.
    off = np.linalg.norm(trace.theta[1:], axis=1) / np.linalg.norm(trace.moves, axis=1)
    limit = 10 * trace.eps * float(np.max(off)) + 1e-9
    for found in _reasons(trace, factors):
        if np.allclose(found.factors, factors, rtol=limit, atol=0):
            return replace(found, factors=factors)
    if (factors > 0).all():
        return Lengths("own", "with steps of its own length", factors)
    return Lengths("uphill", "but some steps go up the gradient", factors)


def _reasons(trace: Trace, s: Array) -> Iterator[Lengths]:
    """Each known reason, with the factors that it predicts."""
    t, n = np.arange(len(s)), trace.samples
    c = float(np.median(s))
    yield Lengths("factor", f"but {c:.6g} times as long as the rate says", np.full(len(s), c))
    yield Lengths("samples", "but divided by the batch size n once more", 1 / n)
    yield Lengths("samples", "but multiplied by the batch size n", 1.0 * n)
    constant = float(np.median(s * trace.rates)) / trace.rates
    yield Lengths("ignored", "but does not use the learning rate that it is given", constant)
    for first in (0, 1):
        k = float(np.median((1 / s[1:] - 1) / (t[1:] + first)))
        yield Lengths("schedule", f"rate / (1 + {k:.4g} t)", 1 / (1 + k * (t + first)))
        slope = float(np.median((s[1:] - 1) / (t[1:] + first)))
        yield Lengths("schedule", f"rate times (1 + {slope:.4g} t)", 1 + slope * (t + first), slope=slope)
        ratio = float(s[-1]) ** (1 / (t[-1] + first)) if s[-1] > 0 else 1.0
        yield Lengths("schedule", f"rate times {ratio:.6g}^t", ratio ** (t + first), ratio=ratio)
    yield Lengths("schedule", "rate / sqrt(t)", 1 / np.sqrt(t + 1))
    for period in range(2, len(s)):
        ratio = float(s[period] / s[0])
        words = f"rate times {ratio:.4g} every {period} steps"
        yield Lengths("schedule", words, ratio ** (t // period), ratio=ratio, period=period)
    norms = np.linalg.norm(trace.gradient, axis=1)
    for extra in (0.0, 1e-6):
        cut = s < 1 - 1e-6
        limit = float(np.median((s * (norms + extra))[cut])) if cut.any() else np.inf
        words = f"gradient clipped to norm {limit:.4g}"
        yield Lengths("schedule", words, np.minimum(1, limit / (norms + extra)), clip=limit)
