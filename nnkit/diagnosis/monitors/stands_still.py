"""The loss stands still. With a small gradient it is stuck (source S1.1); with a large one it swings (source S1.5)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import suffers
from nnkit.diagnosis.trace import Symptom, Trace

#: of itself, over the later half: less is standing still
GAIN = 0.02
#: Of its largest: the gradient of who has come to rest has fallen by ten at least, that of who jumps across has not.
SMALL, LARGE = 0.1, 0.1
#: The way that the loss has gone up and down, beside the way that it has come: a descent has 1, noise some more.
DETOUR = 4.0


def stands_still(trace: Trace) -> Iterator[Symptom]:
    if len(trace.loss) < 8 or not suffers(trace):
        return
    half = len(trace.loss) // 2
    later = np.array(trace.loss[half:])
    if not np.isfinite(later).all() or not np.isfinite(trace.loss[0]):
        return
    quarter = max(1, len(later) // 3)
    gained = float(np.median(later[:quarter]) - np.median(later[-quarter:]))
    if gained > GAIN * abs(float(np.median(later[:quarter]))):
        return
    gradient = _gradient(trace)
    way = float(np.abs(np.diff(later)).sum())
    largest = float(np.nanmax(gradient)) if np.isfinite(gradient).any() else 0.0
    now = float(np.nanmedian(gradient[half:])) if np.isfinite(gradient[half:]).any() else 0.0
    swings = way > DETOUR * abs(gained) and float(later.std()) > GAIN * abs(float(later.mean()))
    if swings and largest > 0 and now > LARGE * largest:
        yield Symptom(
            "oscillating",
            f"The loss goes up and down between {later.min():.3g} and {later.max():.3g} without falling, and the gradient "
            f"stays large ({now:.2g}; at most {largest:.2g}).",
            now, LARGE * largest, None, trace.steps[half], "update",
        )  # fmt: skip
    else:
        small = largest > 0 and now < SMALL * largest
        yield Symptom(
            "stuck",
            f"The loss stands still at {float(np.median(later)):.3g}"
            + (f", and the gradient has gone ({now:.2g}; at first {largest:.2g})." if small else "."),
            gained, GAIN, None, trace.steps[half], "update",
        )  # fmt: skip


def _gradient(trace: Trace) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Of all layers together, at each moment."""
    norms = [np.array(seen.gradient_norm) for seen in trace.layers if len(seen.gradient_norm) == len(trace.steps)]
    return np.sqrt(np.sum(np.square(norms), axis=0)) if norms else np.full(len(trace.steps), np.nan)
