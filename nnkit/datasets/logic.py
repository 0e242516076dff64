"""The small tasks at the foot of the ladder: truth tables of two inputs, and the sign of a number.

AND and OR are linearly separable, so one neuron can learn them; XOR is not, so one neuron never can (source S2.1,
S2.5). The sign function is the task that one sigmoid neuron must manage on real inputs (source S2.0).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Gate = Literal["and", "or", "xor"]

_OUTPUTS: dict[str, tuple[int, int, int, int]] = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "xor": (0, 1, 1, 0)}


def truth_table(gate: Gate) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The four cases of a gate: x (4, 2) in the order 00, 01, 10, 11, and y (4, 1); all entries 0.0 or 1.0.

    The arrays are new at each call, so a caller may write into them.
    Raises ValueError for any other gate.
    """
    if gate not in _OUTPUTS:
        raise ValueError(f"gate must be one of {', '.join(_OUTPUTS)}; got {gate!r}")
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    y = np.array(_OUTPUTS[gate], dtype=np.float64).reshape(4, 1)
    return x, y


def sign_function(n: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x (n, 1) uniform on [-1, 1] without 0, and y (n, 1): 1.0 where x > 0, else 0.0 (source S2.0).

    Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    # random() lies in [0, 1), so 1 - random() lies in (0, 1]: never 0, where the sign would have no answer.
    size = 1.0 - rng.random((n, 1))
    y = rng.integers(0, 2, size=(n, 1)).astype(np.float64)
    return np.where(y == 1.0, size, -size), y
