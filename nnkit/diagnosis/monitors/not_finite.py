"""NaN or infinity: which operation made the first one (sources S3.2, S3.3, S4.1, S4.5)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.trace import Symptom, Trace

_PLACE = {"input": "data", "target": "data", "loss": "loss", "gradient": "gradient", "update": "update"}


def not_finite(trace: Trace) -> Iterator[Symptom]:
    """No limit: one is enough. A loss that alone is not finite counts where it stays so, at the last moment."""
    if trace.not_finite is not None:
        first = trace.not_finite
        place = _PLACE.get(first.operation, "forward")
        yield Symptom(
            "not-finite", f"Parameters are NaN or infinite; the first such number was {first.words()}.",
            layer=first.layer, step=first.step, operation=place,
        )  # fmt: skip
        return
    for layer, seen in enumerate(trace.layers, start=1):
        for step, what in zip(trace.steps, seen.not_finite, strict=False):
            if what:
                yield Symptom(
                    "not-finite", f"The {what} of layer {layer} are not finite before step {step + 1}.",
                    layer=layer, step=step, operation="update" if what == "parameters" else "gradient",
                )  # fmt: skip
                return
    if trace.loss and not np.isfinite(trace.loss[-1]):
        bad = int(np.argmax(~np.isfinite(trace.loss)))
        yield Symptom(
            "not-finite", f"The loss is NaN or infinite from step {trace.steps[bad]} on, while the parameters are finite.",
            step=trace.steps[bad], operation="loss",
        )  # fmt: skip
