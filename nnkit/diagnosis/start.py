"""Where a network starts from: how large its weighted inputs are, and an experiment that makes them moderate.

Weights drawn from N(0, 1) give weighted inputs of size sqrt(d_in): about 10 for the pixels of a digit. A sigmoid is
flat there, so that next to no gradient passes (sources S0.3, S1.7), however right the rest of the network is. To tell a
bad start from a bad backward pass, change the start and nothing else: if training then works, it was the start.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions, get_parameters, set_parameters
from nnkit.diagnosis.formulas import UNREAD, formula

Array = npt.NDArray[Any]

#: root mean square of z; beyond it most sigmoid units have less than half of their slope, most tanh units a tenth
MODERATE = 3.0
#: between directions of three numbers and more that are one, roundings of float32 included; others are so near by no chance
ALIKE = 1e-5


def moderate_start(network: Any, conventions: Conventions, x: Array) -> list[float]:
    """Divide W and b of every layer whose z is beyond `MODERATE` for the inputs x, so that z has a mean square of 1.

    Returns the root mean square of z that each layer had, given that the layers below it had been made moderate. A
    network whose layers are all within `MODERATE` is left as it is, bit for bit; so is a layer whose z is not finite,
    which no division can mend. Where the hidden activation is not known, the first layer alone is looked at.
    """
    parameters, a = get_parameters(network), np.asarray(x, dtype=np.float64)
    sizes = []
    for W, b in zip(parameters[::2], parameters[1::2], strict=True):
        z = a @ W.astype(np.float64) + b
        size = float(np.sqrt(np.mean(z * z)))
        if MODERATE < size < math.inf:
            for array in (W, b):
                np.divide(array, array.dtype.type(size), out=array)
            z /= size
        sizes.append(size)
        if conventions.hidden == UNREAD:
            break
        a = formula(conventions.hidden).value(z)
    if was_changed(sizes):
        set_parameters(network, parameters)
    return sizes


def was_changed(sizes: Sequence[float]) -> bool:
    """Whether `moderate_start`, which returned these sizes, changed the network."""
    return any(MODERATE < size < math.inf for size in sizes)


def layers_alike(weights: Sequence[Array]) -> tuple[int, int] | None:
    """The first two layers (from 1) whose weights (d_in, d_out) are the same random numbers, as far as the smaller one goes,
    but for a factor: None where there are none. Numbers are drawn row by row, of either way to lay them out."""
    for (i, one), (j, other) in combinations(enumerate(weights, 1), 2):
        if _proportional(one.ravel(), other.ravel()) or _proportional(one.T.ravel(), other.T.ravel()):
            return i, j
    return None


def _proportional(one: Array, other: Array) -> bool:
    """Whether the longer begins with the numbers of the shorter, but for a factor; constants are no random numbers."""
    count = min(one.size, other.size)
    a, b = (array[:count].astype(np.float64) for array in (one, other))
    if count < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return False
    difference = a / np.linalg.norm(a) - b / np.linalg.norm(b) * np.sign(a @ b)
    return float(np.abs(difference).max()) < ALIKE
