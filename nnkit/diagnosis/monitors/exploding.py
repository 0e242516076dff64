"""The gradient explodes: from step to step, or from layer to layer on its way down (sources S0.3, S4.1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: times its median over the first moments: a gradient grows tenfold where a plateau is left, and not a thousandfold
GROWN = 1000.0
#: One step that is larger than the weights it changes throws them away (source S4.6).
LEAP = 1.0


def exploding(trace: Trace) -> Iterator[Symptom]:
    if not suffers(trace):
        return
    for layer, seen in reversed(list(enumerate(trace.layers, start=1))):
        norms = np.array(seen.gradient_norm)
        if len(norms) < 4:
            continue
        start = np.nanmedian(norms[:4])
        with np.errstate(invalid="ignore"):
            grown = norms > GROWN * start
        if start > 0 and grown.any():
            yield Symptom(
                "exploding", f"The gradient of layer {layer} grows from {start:.2g} to {np.nanmax(norms):.2g}.",
                float(np.nanmax(norms)), float(GROWN * start), layer, trace.steps[int(np.argmax(grown))], "gradient",
            )  # fmt: skip
            return
    for layer, seen in reversed(list(enumerate(trace.layers, start=1))):
        update, weight = (np.array(values) for values in (seen.update_norm, seen.weight_norm))
        with np.errstate(invalid="ignore", divide="ignore"):
            leaps = np.where(weight > 0, update / weight, np.nan)
        leaps[np.array(seen.weight_norm) < 1e-6] = np.nan  # from zero, every first step is a leap
        if len(leaps) and np.nansum(leaps > LEAP) > max(1, 0.05 * len(leaps)):
            first = int(np.nanargmax(leaps > LEAP))
            yield Symptom(
                "exploding", f"Single steps change layer {layer} by more than its whole size: {np.nanmax(leaps):.2g} times.",
                float(np.nanmax(leaps)), LEAP, layer, trace.steps[first], "update",
            )  # fmt: skip
            return
