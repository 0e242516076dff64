"""Where a network starts from: how large its weighted inputs are, and an experiment that makes them moderate.

Weights drawn from N(0, 1) give weighted inputs of size sqrt(d_in): about 10 for the pixels of a digit. A sigmoid is
flat there, so that next to no gradient passes (sources S0.3, S1.7), however right the rest of the network is. To tell a
bad start from a bad backward pass, change the start and nothing else: if training then works, it was the start.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions, get_parameters, set_parameters
from nnkit.diagnosis.formulas import UNREAD, formula

Array = npt.NDArray[Any]

#: root mean square of z; beyond it most sigmoid units have less than half of their slope, most tanh units a tenth
MODERATE = 3.0


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
