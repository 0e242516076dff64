"""Hidden units stand at the flat ends of their activation, where no gradient passes (sources S0.3, S1.7)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import later_half, suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: of a layer's activations, over units and samples: with most of them flat the gradient below is a remnant
MOST = 0.6


def saturated(trace: Trace) -> Iterator[Symptom]:
    if not suffers(trace):
        return
    for layer, seen in enumerate(trace.layers, start=1):
        values = later_half(seen.saturated)
        if len(values) and float(np.median(values)) > MOST:
            at = next((s for s, v in zip(trace.steps, seen.saturated, strict=False) if v > MOST), None)
            yield Symptom(
                "saturated", f"{float(np.median(values)):.0%} of the activations of layer {layer} are at a flat end.",
                float(np.median(values)), MOST, layer, at, "forward",
            )  # fmt: skip
            return
