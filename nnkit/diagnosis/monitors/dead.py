"""Units of ReLU are off for every sample, and stay so, since no gradient passes them (source S0.3)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import later_half, suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: of a layer: with a half of its units a layer still does its work
MOST = 0.5


def dead(trace: Trace) -> Iterator[Symptom]:
    if not suffers(trace):
        return
    for layer, seen in enumerate(trace.layers, start=1):
        values = later_half(seen.dead)
        if len(values) and float(np.median(values)) > MOST:
            at = next((s for s, v in zip(trace.steps, seen.dead, strict=False) if v > MOST), None)
            yield Symptom(
                "dead", f"{float(np.median(values)):.0%} of the units of layer {layer} are off for every sample.",
                float(np.median(values)), MOST, layer, at, "forward",
            )  # fmt: skip
            return
