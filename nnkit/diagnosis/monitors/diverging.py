"""The loss rises: training makes it worse than it was before the first step (source S4.1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: Of the first loss. Noise of batches moves a loss by a few per cent of itself; half as much again is another place.
RISEN = 1.5


def diverging(trace: Trace) -> Iterator[Symptom]:
    loss = np.array(trace.loss)
    if len(loss) < 3 or not np.isfinite(loss[0]) or not suffers(trace):
        return
    end = float(np.median(loss[-4:]))
    if np.isfinite(end) and end > loss[0] + (RISEN - 1) * abs(loss[0]):
        first = int(np.argmax(loss > loss[0] + (RISEN - 1) * abs(loss[0])))
        yield Symptom(
            "diverging", f"The loss rises: {loss[0]:.3g} before the first step, {end:.3g} at the end.",
            end, RISEN * float(loss[0]), step=trace.steps[first], operation="update",
        )  # fmt: skip
