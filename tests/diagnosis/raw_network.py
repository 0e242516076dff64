"""A network as people write them, with every convention a choice: what the reading of conventions is tested on.

It computes nothing cleverly: each call unpacks its arrays into W and b by the inverse of how they were packed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray
Packing = Callable[[list[Array], list[Array]], list[Array]]


def _layer_by_layer(pack: Callable[[Array, Array], list[Array]]) -> Packing:
    return lambda W, b: [array for w, c in zip(W, b, strict=True) for array in pack(w, c)]


def _folded(first: bool, transposed: bool) -> Packing:
    def pack(w: Array, c: Array) -> list[Array]:
        both = np.vstack([c, w] if first else [w, c])
        return [both.T if transposed else both]

    return _layer_by_layer(pack)


#: how [W1, b1, ...] are put into the arrays of parameters()
PACKINGS: dict[str, Packing] = {
    "W, b": _layer_by_layer(lambda w, c: [w, c]),
    "W transposed, b": _layer_by_layer(lambda w, c: [w.T, c]),
    "W, b a row": _layer_by_layer(lambda w, c: [w, c[None]]),
    "W transposed, b a column": _layer_by_layer(lambda w, c: [w.T, c[:, None]]),
    "b before W": _layer_by_layer(lambda w, c: [c, w]),
    "all W, then all b": lambda W, b: [*W, *b],
    "from the output down": lambda W, b: [a for w, c in list(zip(W, b, strict=True))[::-1] for a in (w, c)],
    "b as last row": _folded(False, False),
    "b as first row": _folded(True, False),
    "b as last column": _folded(False, True),
    "b as first column": _folded(True, True),
    "one vector": lambda W, b: [np.concatenate([a.ravel() for w, c in zip(W, b, strict=True) for a in (w, c)])],
    "one vector, W transposed": lambda W, b: [
        np.concatenate([a.ravel() for w, c in zip(W, b, strict=True) for a in (w.T, c)])
    ],
    "one vector, all W then all b": lambda W, b: [np.concatenate([a.ravel() for a in (*W, *b)])],
    "one vector, all W transposed then all b": lambda W, b: [np.concatenate([a.T.ravel() for a in (*W, *b)])],
    "one vector, b over W, transposed": lambda W, b: [
        np.concatenate([np.vstack([c, w]).T.ravel() for w, c in zip(W, b, strict=True)])
    ],
    "a vector for each layer": _layer_by_layer(lambda w, c: [np.concatenate([w.ravel(), c])]),
    "flat W transposed, b": _layer_by_layer(lambda w, c: [w.T.ravel(), c]),
}


def sigmoid(z: Array) -> Array:
    return 0.5 * (1 + np.tanh(z / 2))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class RawNetwork:
    """`loss_of(p, y)` gives the loss of each sample and output (n, k) or of each sample (n,). thresholds: what stands in the
    place of biases is subtracted."""

    def __init__(
        self,
        sizes: Sequence[int],
        packing: str = "W, b",
        *,
        hidden: Callable[[Array], Array] = np.tanh,
        output: Callable[[Array], Array] = sigmoid,
        loss_of: Callable[[Array, Array], Array] | None = None,
        reduce: Callable[[Array], Any] = np.mean,
        penalty: Callable[[list[Array], list[Array], int], float] | None = None,
        dtype: str = "float64",
        thresholds: bool = False,
    ) -> None:
        rng = np.random.default_rng(1)
        pairs = list(itertools.pairwise(sizes))
        places, begin = [], 0
        for shape in [*pairs, *((d,) for _, d in pairs)]:
            size = int(np.prod(shape))
            places.append(begin + np.arange(size).reshape(shape))
            begin += size
        self._pack = PACKINGS[packing]
        labels = self._pack(places[: len(pairs)], places[len(pairs) :])
        self._labels = np.concatenate([a.ravel() for a in labels])
        self._places, self._count = places, len(pairs)
        self.arrays = [(rng.normal(size=a.shape) / 2).astype(dtype) for a in labels]
        self._hidden, self._output, self._reduce, self._penalty = hidden, output, reduce, penalty
        self._sign = -1 if thresholds else 1
        self._loss_of = loss_of or (lambda p, y: (p - y) ** 2)

    def _unpacked(self) -> tuple[list[Array], list[Array]]:
        flat = np.empty(len(self._labels), self.arrays[0].dtype)
        flat[self._labels] = np.concatenate([a.ravel() for a in self.arrays])
        both = [flat[place] for place in self._places]
        return both[: self._count], both[self._count :]

    def parameters(self) -> list[Array]:
        return self.arrays

    def forward(self, x: Array) -> Array:
        W, b = self._unpacked()
        a = np.asarray(x, self.arrays[0].dtype)
        for layer in range(self._count):
            z = a @ W[layer] + self._sign * b[layer]
            a = self._output(z) if layer == self._count - 1 else self._hidden(z)
        return a

    def loss(self, x: Array, y: Array) -> float:
        value = self._reduce(self._loss_of(self.forward(x), y))
        return float(value + (self._penalty(*self._unpacked(), len(x)) if self._penalty else 0.0))

    def gradients(self, x: Array, y: Array) -> list[Array]:
        """By central differences: this network is about conventions, not about backpropagation."""
        gradients = []
        for array in self.arrays:
            gradient = np.zeros_like(array)
            for index in np.ndindex(array.shape):
                here, step = array[index], 1e-5
                array[index] = here + step
                above = self.loss(x, y)
                array[index] = here - step
                gradient[index] = (above - self.loss(x, y)) / (2 * step)
                array[index] = here
            gradients.append(gradient)
        return gradients

    def standard(self) -> list[Array]:
        """[W1, b1, W2, b2, ...] as they are now."""
        return [a for pair in zip(*self._unpacked(), strict=True) for a in pair]
