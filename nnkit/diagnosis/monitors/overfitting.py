"""The training data are learned by heart, and new data answered badly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import last
from nnkit.diagnosis.trace import Symptom, Trace

#: Between the scores on training and on new data. Sets that are small, but large enough, leave
#: a gap of a fifth.
GAP = 0.28
#: a smaller gap counts where the loss on new data has risen to so many times its lowest
SMALL_GAP, RISEN = 0.15, 2.0


def overfitting(trace: Trace) -> Iterator[Symptom]:
    if len(trace.test_score) < 3 or not np.isfinite(trace.test_score).any():
        return
    seen, new = last(trace.score), last(trace.test_score)
    gap = seen - new
    losses = np.array(trace.test_loss)
    lowest = float(np.nanmin(losses)) if np.isfinite(losses).any() else float("nan")
    rises = lowest > 0 and float(np.median(losses[-4:])) > RISEN * lowest and new < np.nanmax(trace.test_score) - 0.02
    if gap > GAP or (gap > SMALL_GAP and rises):
        loss = f"; its loss has risen from {lowest:.3g} to {losses[-1]:.3g}" if rises else ""
        yield Symptom(
            "overfitting", f"A score of {seen:.2f} on the training data, of {max(new, 0):.2f} on new data{loss}.",
            gap, GAP, operation="data",
        )  # fmt: skip
