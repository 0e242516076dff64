"""Which class a network names for each image: the one with the largest output, if the outputs are numbers at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: in place of a class, where a row of outputs names none
NO_ANSWER = -1


def named_classes(p: Array) -> Array:
    """The class (n,) that each row of the outputs p (n, k) names, `NO_ANSWER` where the row holds a NaN or infinity.

    `argmax` alone takes a NaN for the largest output, so that a network that computes nothing would name a class, and
    be right about it now and then.
    """
    p = np.asarray(p)
    return np.where(np.isfinite(p).all(axis=1), p.argmax(axis=1), NO_ANSWER)


def share_right(p: Array, labels: Array) -> float:
    """The share of rows of p (n, k) that name the class in labels (n,)."""
    return float(np.mean(named_classes(p) == labels))
