"""The gradient vanishes on its way down: the first layer gets next to nothing of what the last one gets (source S0.1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: Layer to layer, relative to the weights. A sigmoid's slope takes three quarters at least, so three layers of them keep a
#: hundredth in the worst case in which training still goes on; below that the first layer stays as it was drawn.
LEFT = 0.01


def vanishing(trace: Trace) -> Iterator[Symptom]:
    if len(trace.layers) < 2 or not suffers(trace):
        return
    relative = []
    for seen in trace.layers:
        gradient, weight = np.array(seen.gradient_norm), np.array(seen.weight_norm)
        with np.errstate(all="ignore"):
            relative.append(gradient / weight)
    first, top = relative[0], relative[-1]
    with np.errstate(all="ignore"):
        ratio = first / top
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) >= 3 and float(np.median(ratio)) < LEFT:
        yield Symptom(
            "vanishing",
            f"Relative to its weights, the gradient of layer 1 is {float(np.median(ratio)):.1g} times that of layer "
            f"{len(trace.layers)}.",
            float(np.median(ratio)), LEFT, 1, trace.steps[0], "gradient",
        )  # fmt: skip
