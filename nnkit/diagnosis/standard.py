"""A network under test in standard form, so that stages need to know one way of writing networks.

Its parameters are [W1, b1, W2, b2, ...] with W (d_in, d_out), its outputs are what is compared with y, and its loss is a
mean over samples (and outputs, as the oracle has it) with the factor 1. What the network itself says differs from that
by its conventions alone: the order of numbers, a sigmoid or softmax that it leaves to the loss, one positive factor.
Updates are its own: `train_step` is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.layout import Layout, write
from nnkit.network.activations import ACTIVATIONS, softmax

Array = npt.NDArray[Any]


class StandardNetwork:
    """The five methods of `network`, of these sizes, in standard form.

    logits: forward() returns the weighted inputs of the output layer, and this ("sigmoid" or "softmax") makes outputs
    of them; "" where forward() returns outputs. factor, summed: the network's loss is `factor` times the standard one,
    and a sum over samples.
    """

    def __init__(
        self,
        network: Any,
        layout: Layout,
        sizes: Sequence[int],
        *,
        logits: str = "",
        factor: float = 1.0,
        summed: bool = False,
    ) -> None:
        self.network = network
        self.logits, self.factor, self.summed = logits, factor, summed
        #: raw[k] of the flattened raw parameters is number order[k] of the standard ones
        self._order = layout.order(sizes)
        self._back = np.argsort(self._order)
        self._ends = np.cumsum([size for d_in, d_out in pairwise(sizes) for size in (d_in * d_out, d_out)])
        self._shapes = [shape for d_in, d_out in pairwise(sizes) for shape in ((d_in, d_out), (d_out,))]

    def parameters(self) -> list[Array]:
        """Copies; written back by `set_parameters`."""
        return self._to_standard([np.asarray(array) for array in self.network.parameters()])

    def set_parameters(self, values: Sequence[Array]) -> None:
        """Raises TypeError for complex values where the network itself has no set_parameters to take them."""
        current = [np.asarray(array) for array in self.network.parameters()]
        flat = np.concatenate([np.ravel(value) for value in values])[self._order]
        if flat.dtype.kind == "c" and not hasattr(self.network, "set_parameters"):
            raise TypeError("complex parameters need a set_parameters(list) that accepts complex arrays")
        ends = np.cumsum([array.size for array in current])[:-1]
        pieces = [part.reshape(array.shape) for part, array in zip(np.split(flat, ends), current, strict=True)]
        if flat.dtype.kind == "c":
            self.network.set_parameters(pieces)
        else:
            write(self.network, pieces)

    def forward(self, x: Array) -> Array:
        p = self.network.forward(x)
        if not self.logits:
            return p  # type: ignore[no-any-return]
        z = np.asarray(p)
        return softmax(z) if self.logits == "softmax" else ACTIVATIONS[self.logits].value(z, None)

    def loss(self, x: Array, y: Array) -> Any:
        loss = self.network.loss(x, y)
        share = self._share(len(x))
        return loss if share == 1.0 else loss / share

    def gradients(self, x: Array, y: Array) -> list[Array]:
        raw = self.network.gradients(x, y)
        wanted = [np.shape(array) for array in self.network.parameters()]
        came = [np.shape(array) for array in raw]
        if came != wanted:
            raise ValueError(_unlike(wanted, came))
        gradients = self._to_standard([np.asarray(array) for array in raw])
        share = self._share(len(x))
        return gradients if share == 1.0 else [gradient / share for gradient in gradients]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        self.network.train_step(x, y, learning_rate)

    def _share(self, n: int) -> float:
        """How many times the standard loss the network's own is, for n samples."""
        return self.factor * n if self.summed else self.factor

    def _to_standard(self, raw: Sequence[Array]) -> list[Array]:
        flat = np.concatenate([array.reshape(-1) for array in raw])[self._back]
        return [part.reshape(shape) for part, shape in zip(np.split(flat, self._ends[:-1]), self._shapes, strict=True)]


def _unlike(wanted: Sequence[tuple[int, ...]], came: Sequence[tuple[int, ...]]) -> str:
    if len(wanted) != len(came):
        return (
            f"gradients(x, y) must return one array for each of the {len(wanted)} parameters; it returned {len(came)}"
        )
    k = next(k for k, (a, b) in enumerate(zip(wanted, came, strict=True)) if a != b)
    hint = ": it is transposed" if came[k] == wanted[k][::-1] else ""
    return f"gradients()[{k}] must have the shape of parameters()[{k}], {wanted[k]}; it has {came[k]}{hint}"
