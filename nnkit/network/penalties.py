"""Penalties on large weights, added to the loss (source S4.2): l1 sum |w| + l2 / 2 sum w^2.

The sums go over all weights W, and leave out the biases: a bias moves a unit's threshold, and does not make it steeper.
The slopes are l1 sign(w) + l2 w. So L2 pulls by a share of each weight and makes them small; L1 pulls all alike, and
brings those that are of little use to 0. With the 1/2, l2 is what weight decay means in plain gradient descent; with
rules that divide the gradient by its size it is not, see `nnkit.training.AdamW`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Penalty:
    """l1, l2: the factors above, from 0 up."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.l1 < np.inf and 0 <= self.l2 < np.inf):
            raise ValueError(f"a penalty's factors are numbers from 0 up; got l1={self.l1}, l2={self.l2}")

    def value(self, weights: Sequence[Array]) -> Any:
        """What it adds to the loss, a scalar in the weights' float type."""
        total: Any = 0.0
        for W in weights:
            if self.l1:
                # |w| as sign times w, which is right for complex w, too: the sign is that of the real part.
                total = total + self.l1 * (W * np.sign(W.real)).sum()
            if self.l2:
                total = total + self.l2 / 2 * (W * W).sum()
        return total

    def add_slopes(self, weights: Sequence[Array], gradients: Sequence[Array]) -> None:
        """Add d penalty / d W to the gradients, in place. At w = 0 the slope of |w| is taken as 0."""
        for W, dW in zip(weights, gradients, strict=True):
            if self.l1:
                np.add(dW, self.l1 * np.sign(W.real), out=dW)
            if self.l2:
                np.add(dW, self.l2 * W, out=dW)
