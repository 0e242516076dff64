"""The clock by which a diagnosis keeps within its time. A test may put another in its place, which no other load disturbs."""

from __future__ import annotations

import time
from collections.abc import Callable

#: seconds since some moment
reading: Callable[[], float] = time.perf_counter


def now() -> float:
    return reading()
