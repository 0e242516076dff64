"""How far two results are apart that should be the same: one number, and never less than infinity where one is no number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def relative_difference(found: Array, right: Array) -> float:
    """|found - right| / max(|found|, |right|) in Euclidean norm, 0 where both vanish.

    Infinity where either holds a NaN or an infinity: such a result agrees with nothing.
    """
    if not (np.isfinite(found).all() and np.isfinite(right).all()):
        return float("inf")
    scale = max(float(np.linalg.norm(found)), float(np.linalg.norm(right)))
    apart = float(np.linalg.norm(found - right))
    return apart / scale if scale > 0 else 0.0
