"""The author's measure and what nnkit counts disagree: one of the two numbers that everybody looks at is wrong (S4.7)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import BLIND
from nnkit.diagnosis.trace import Symptom, Trace

#: between shares of right answers: rounding and ties are worth a hundredth
APART = 0.1


def metric(trace: Trace) -> Iterator[Symptom]:
    """And the loss: where it falls to a fraction while answers stay blind, or rises while they become good."""
    theirs, ours = np.array(trace.metric), np.array(trace.accuracy)
    if len(theirs) == len(ours) and len(ours) and np.isfinite(theirs).all() and np.isfinite(ours).any():
        share = theirs / 100 if theirs.max() > 1.5 else theirs
        apart = np.abs(share - ours)
        # Of several classes there is one share of right answers; of yes and no, people count in more than one way.
        off = float(np.nanmax(apart)) if trace.classes > 2 else float(np.nanmedian(apart[len(apart) // 2 :]))
        if off > APART and not _errors(share, ours):
            at = int(np.nanargmax(apart))
            yield Symptom(
                "metric-and-loss-disagree",
                f"accuracy() says {theirs[at]:.3g} where {ours[at]:.1%} of the answers are right, after step {trace.steps[at]}.",
                off, APART, step=trace.steps[at], operation="loss",
            )  # fmt: skip
            return
    loss, scores = np.array(trace.loss), np.array(trace.score)
    if len(loss) < 6 or len(scores) != len(loss) or not np.isfinite(loss).all() or loss[0] == 0:
        return
    fallen = loss[-1] < loss[0] - 0.5 * abs(loss[0])
    blind = np.nan_to_num(scores, nan=0.0).max() < BLIND
    if trace.classes > 1 and fallen and blind:
        yield Symptom(
            "metric-and-loss-disagree",
            f"The loss falls from {loss[0]:.3g} to {loss[-1]:.3g}, and the answers stay as blind as they were.",
            float(loss[-1]), float(loss[0]) / 2, operation="loss",
        )  # fmt: skip


def _errors(
    theirs: np.ndarray[tuple[int], np.dtype[np.float64]], ours: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> bool:
    """Whether the author counts wrong answers, not right ones."""
    return float(np.nanmax(np.abs(1 - theirs - ours))) < APART
