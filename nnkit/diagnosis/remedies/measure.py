"""Suspects in what success is measured by: the author's own measure, and a training set known by heart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect


def wrong(case: Case) -> Iterator[Suspect]:
    """The author's measure of answers that are known to be right, or known to be wrong."""
    accuracy = case.program.accuracy
    if accuracy is None or not case.has("metric-and-loss-disagree") or case.recording.kind in ("numbers", "amounts"):
        return
    y = np.asarray(case.recording.probe[1], dtype=np.float64)
    turned = np.roll(y, 1, axis=1) if y.shape[1] > 1 else y.max() + y.min() - y
    try:
        right, never = float(accuracy(y.copy(), y.copy())), float(accuracy(turned, y.copy()))
    except Exception:
        right = never = float("nan")
    theirs, ours = case.trace.metric, case.trace.accuracy
    if len(theirs) != len(ours) or not theirs:
        return
    at = int(np.nanargmax(np.abs(np.array(theirs) / (100 if max(theirs) > 1.5 else 1) - np.array(ours))))
    yield Suspect(
        "accuracy-computed-wrongly", "metric",
        f"accuracy() says {theirs[at]:.3g} of outputs of which {ours[at]:.1%} are right; of the targets "
        f"themselves it says {right:.3g}, and of answers that are all wrong {never:.3g}.", "",
        "np.mean(outputs.argmax(axis=1) == y.argmax(axis=1))", fact=True,
    )  # fmt: skip


def by_heart(case: Case) -> Iterator[Suspect]:
    if case.has("overfitting"):
        seen, new = case.before.score[-1], case.before.test_score[-1]
        yield Suspect(
            "overfitting", "training",
            f"{len(case.program.x)} rows are learned by heart: a score of {seen:.2f} on them, of {max(new, 0):.2f} on new rows.",
            "", "more rows, fewer units, a penalty, or an earlier end", fact=True, on="test",
        )  # fmt: skip
