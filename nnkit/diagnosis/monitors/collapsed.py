"""All outputs are nearly equal: the network answers the same whatever it is shown (source S2.0)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import later_half, suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: Of the spread of the targets. Outputs that explain a tenth of the variance have a third of their spread.
NEARLY_EQUAL = 0.1


def collapsed(trace: Trace) -> Iterator[Symptom]:
    values = later_half(trace.outputs_spread)
    if len(values) and suffers(trace) and float(np.median(values)) < NEARLY_EQUAL:
        yield Symptom(
            "collapsed", f"All outputs are nearly equal: they spread {float(np.median(values)):.2g} times as much as the "
            "targets do.", float(np.median(values)), NEARLY_EQUAL, operation="forward",
        )  # fmt: skip
