"""Does the training suffer at all? Most of what looks odd inside a network is harmless, and nobody should hear of it.

Half of the units saturated in a network that answers well are no symptom; in one that answers badly they are. So all
monitors but those of NaN, of the author's measure and of new data speak only where the answers are bad.
"""

from __future__ import annotations

import numpy as np

from nnkit.diagnosis.trace import Trace

#: A score below this is hardly better than who never looks at the input (0).
BLIND = 0.15
#: A training falls short where it has less than this share of what a plain network reaches in a second on rows that it has
#: not seen. A line through the digits has nine tenths of it; noise of the last steps takes a few hundredths.
SHARE = 0.85
#: of the median of the last few: less than that is lost, and not noise
NOISE = 0.7
#: of the first loss, without any score to go by: less than a twentieth gained
HARDLY = 0.95


def last(values: list[float]) -> float:
    """The better of the last and of the median of the last few: a single noisy step at the end is no failure."""
    if not values:
        return float("nan")
    tail = np.nan_to_num(np.array(values[-4:]), nan=-1.0)
    middle = float(np.median(tail))
    return middle if NOISE * middle < tail[-1] < middle else float(tail[-1])


def suffers(trace: Trace) -> bool:
    """Whether the training ended badly: on its own data, beside what can be had, or for want of that by its loss."""
    if not trace.steps:
        return False
    if trace.score and np.isfinite(trace.score).any():
        end = last(trace.score)
        return end < BLIND or (np.isfinite(trace.attainable) and end < SHARE * trace.attainable)
    loss = np.array(trace.loss)
    if not len(loss):
        return False
    return not np.isfinite(loss[-1]) or float(np.median(loss[-4:])) > HARDLY * loss[0] > 0


def finite(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    array = np.array(values, dtype=np.float64)
    return array[np.isfinite(array)]


def later_half(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return finite(values[len(values) // 2 :])
