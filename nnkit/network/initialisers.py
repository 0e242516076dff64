"""Initialisers: the weights that a network starts from, W (d_in, d_out).

A layer keeps the size of what goes through it if the variance of a weight is about 1/d_in; biases start at zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Initialiser = Callable[[np.random.Generator, int, int], Array]


def zero(rng: np.random.Generator, d_in: int, d_out: int) -> Array:
    """All zero: right for one neuron, and a trap with hidden layers (every hidden unit stays like the next)."""
    return np.zeros((d_in, d_out))


def normal(rng: np.random.Generator, d_in: int, d_out: int) -> Array:
    """N(0, 1), whatever the size: fine for a handful of inputs, saturating for hundreds."""
    return rng.normal(0.0, 1.0, (d_in, d_out))


def glorot(rng: np.random.Generator, d_in: int, d_out: int) -> Array:
    """Uniform with variance 2 / (d_in + d_out), for tanh and sigmoid (Glorot and Bengio 2010, eq. 16)."""
    bound = np.sqrt(6.0 / (d_in + d_out))
    return rng.uniform(-bound, bound, (d_in, d_out))


def he(rng: np.random.Generator, d_in: int, d_out: int) -> Array:
    """N(0, 2 / d_in), for ReLU, which lets half of the variance through (He et al. 2015, eq. 10)."""
    return rng.normal(0.0, np.sqrt(2.0 / d_in), (d_in, d_out))


INITIALISERS: dict[str, Initialiser] = {"zero": zero, "normal": normal, "glorot": glorot, "he": he}
