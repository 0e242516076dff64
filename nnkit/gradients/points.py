"""The points at which a gradient is checked.

One point is not enough: log(p + 1e-7) in a loss whose gradient says p - y passes at the start and is 41 % wrong where
the output saturates. So: the start as it is, a point after a short descent, and one with the last layer times 30.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: a logit of ordinary size, times 30, saturates a sigmoid to 1e-13 and still leaves the loss finite
SATURATION = 30.0
#: a short descent: enough to leave the symmetry of the start, not enough to converge, where gradients die
_DESCENT_STEPS = 10
_DESCENT_LENGTH = 0.1


def trained_point(gradient: Callable[[NDArray[Any]], NDArray[Any]], theta: NDArray[Any]) -> NDArray[Any]:
    """theta (P,) after ten short steps down the subject's own gradient.

    Each step moves theta by a tenth of its norm (at least 0.1), however large the gradient is, so that any scale of
    loss works. Stops where the gradient is zero or not finite.
    """
    here = theta
    for _ in range(_DESCENT_STEPS):
        slope = np.asarray(gradient(here), dtype=np.float64)
        norm = float(np.linalg.norm(slope))
        if not (np.isfinite(norm) and norm > 0):
            break
        length = _DESCENT_LENGTH * max(1.0, float(np.linalg.norm(here)))
        here = (here - length / norm * slope).astype(theta.dtype)
    return here


def saturated_point(arrays: Sequence[NDArray[Any]], last_layer: Sequence[int] | None = None) -> NDArray[Any]:
    """The parameters with the last layer's times 30, flat (P,).

    last_layer: their positions; by default the last weight matrix and whatever follows it.
    """
    return _scaled(arrays, SATURATION, last_layer)


def turned_point(arrays: Sequence[NDArray[Any]], last_layer: Sequence[int] | None = None) -> NDArray[Any]:
    """The parameters with the last layer's sign turned round, flat (P,): a network that says the opposite.

    Its loss and gradients show how large the terms are that cancel where the network is right: a loss of 0 may be
    100 - 100, rounded, and a gradient p - y of 1e-9 may be 1 - 1.
    """
    return _scaled(arrays, -1.0, last_layer)


def _scaled(arrays: Sequence[NDArray[Any]], factor: float, last_layer: Sequence[int] | None) -> NDArray[Any]:
    chosen = range(_last_matrix(arrays), len(arrays)) if last_layer is None else last_layer
    flat = [array.reshape(-1) * (factor if k in chosen else 1) for k, array in enumerate(arrays)]
    return np.concatenate([part.astype(arrays[0].dtype) for part in flat])


def _last_matrix(arrays: Sequence[NDArray[Any]]) -> int:
    matrices = [k for k, array in enumerate(arrays) if array.ndim == 2]
    if not matrices:
        return len(arrays) - 1
    last = matrices[-1]
    if last > 0 and arrays[last - 1].ndim == 2:
        rows, columns = arrays[last - 1].shape
        # A bias kept as a row or a column belongs to the matrix before it.
        if arrays[last].shape in ((1, columns), (rows, 1)) and arrays[last].size < arrays[last - 1].size:
            return last - 1
    return last
