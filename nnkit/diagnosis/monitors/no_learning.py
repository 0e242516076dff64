"""Nothing is learned: the answers depend on the input no more than before, or hardly (source S3.4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import BLIND, SHARE, last, suffers
from nnkit.diagnosis.trace import Symptom, Trace


def no_learning(trace: Trace) -> Iterator[Symptom]:
    """Blind to the end: no learning. Far short of what can be had, with a loss that has fallen: slow."""
    if not suffers(trace):
        return
    if not trace.score:
        yield Symptom("no-learning", "The loss is where it was before the first step.", operation="update")
        return
    end = last(trace.score)
    if end < BLIND and np.nanmax(np.nan_to_num(trace.score, nan=-1.0)) < 2 * BLIND:
        yield Symptom(
            "no-learning", f"Nothing is learned: the answers have a score of {max(end, 0):.2f} (0: blind, 1: all right).",
            end, BLIND, operation="update",
        )  # fmt: skip
    elif np.isfinite(trace.attainable) and BLIND <= end < SHARE * trace.attainable:
        yield Symptom(
            "slow", f"It falls short: a score of {end:.2f}, where a plain network reaches {trace.attainable:.2f} in a second.",
            end, SHARE * trace.attainable, operation="update",
        )  # fmt: skip
