"""How large one update is beside the weights that it changes (source S4.6): the first sign of a rate that does not suit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def update_ratios(before: Sequence[Array], after: Sequence[Array]) -> list[float]:
    """norm(after - before) / norm(before) for each W of parameters [W1, b1, W2, b2, ...]; biases start at zero and are
    left out. Where all weights are zero, the norm of the update itself."""
    return [
        float(np.linalg.norm(new - old) / (np.linalg.norm(old) or 1.0))
        for old, new in zip(before[::2], after[::2], strict=True)
    ]
