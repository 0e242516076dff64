"""A dense layer: z = x W + b, a = f(z), and the way back.

Symbols, here as everywhere: x (n, d_in) a batch in rows, W (d_in, d_out), b (d_out,), z and a (n, d_out),
delta = dL/dz (n, d_out), L the loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.network.activations import Activation

Array = npt.NDArray[Any]


class Dense:
    """Works on views: W and b are windows on the network's parameters, dW and db on its gradient."""

    def __init__(self, activation: Activation) -> None:
        self.activation = activation
        self.W: Array
        self.b: Array
        self._work: dict[str, Array] = {}

    def look_at(self, W: Array, b: Array) -> None:
        """Use these arrays as parameters from now on."""
        self.W, self.b = W, b
        self._work.clear()

    def weighted_input(self, x: Array, reuse: bool = False) -> Array:
        """z = x W + b. With `reuse`, in a work array that the next such call overwrites."""
        z: Array = np.matmul(x, self.W, out=self._room("z", len(x)) if reuse else None)
        z += self.b
        return z

    def activate(self, z: Array, reuse: bool = False) -> Array:
        """a = f(z)."""
        return self.activation.value(z, self._room("a", len(z)) if reuse else None)

    def gradient(self, x: Array, delta: Array, dW: Array, db: Array) -> None:
        """Write dL/dW and dL/db to dW and db.

        z_ij = sum_k x_ik W_kj + b_j, so dL/dW_kj = sum_i x_ik delta_ij and dL/db_j = sum_i delta_ij. The loss is a
        mean, so the 1/n is in delta already.
        """
        np.matmul(x.T, delta, out=dW)
        np.sum(delta, axis=0, out=db)

    def delta_below(self, delta: Array, below: Dense, z: Array, a: Array) -> Array:
        """dL/dz of the layer below, whose z and a these are: (delta W^T) * f'(z)."""
        down: Array = np.matmul(delta, self.W.T, out=below._room("delta", len(delta)))
        down *= below.activation.slope(z, a, below._room("slope", len(delta)))
        return down

    def _room(self, what: str, n: int) -> Array:
        """A work array (n, d_out), kept from step to step: making one costs more than filling it."""
        array = self._work.get(what)
        if array is None or len(array) != n:
            array = self._work[what] = np.empty((n, self.W.shape[1]), self.W.dtype)
        return array

    def __repr__(self) -> str:
        d_in, d_out = self.W.shape
        return f"{d_in} -> {d_out} {self.activation.name}"
