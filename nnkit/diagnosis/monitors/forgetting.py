"""What was known is known no longer: the answers were good once, and are bad at the end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import last, suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: of the best score that was had: noise takes a tenth of it, a high rate at the end may take two
LOST = 0.35


def forgetting(trace: Trace) -> Iterator[Symptom]:
    if len(trace.score) < 6 or not suffers(trace):
        return
    scores = np.nan_to_num(np.array(trace.score), nan=-1.0)
    # Good for once is chance; good at two moments in sequence was known.
    best = float(np.minimum(scores[1:], scores[:-1]).max())
    end = last(trace.score)
    if best > 0.3 and end < (1 - LOST) * best:
        at = int(np.argmax(np.minimum(scores[1:], scores[:-1])))
        yield Symptom(
            "forgetting", f"A score of {best:.2f} was reached by step {trace.steps[at + 1]}, and {max(end, 0):.2f} is left.",
            end, (1 - LOST) * best, None, trace.steps[at + 1], "update",
        )  # fmt: skip
