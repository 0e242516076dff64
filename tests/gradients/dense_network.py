"""A small dense network of its own, to test the gradient check with: many activations, losses, float types, on purpose
written without nnkit. Its gradient is right unless a test makes it wrong with `Faulty`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np


def sigmoid(z: Any) -> Any:
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small)).astype(z.dtype)


ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "leaky": (lambda z: np.where(z > 0, z, z * z.dtype.type(0.01)), lambda z: np.where(z > 0, 1, 0.01).astype(z.dtype)),
    # the other convention for the slope at 0
    "relu one": (lambda z: np.maximum(z, 0), lambda z: (z >= 0).astype(z.dtype)),
    "relu half": (lambda z: np.maximum(z, 0), lambda z: np.heaviside(z, z.dtype.type(0.5))),
    "softplus": (lambda z: np.logaddexp(0, z).astype(z.dtype), sigmoid),
}
LOSSES = ("mse", "bce", "ce")


class Dense:
    """sizes (2, 3, 1); the hidden activation; "mse" with sigmoid output, "bce" from logits, "ce" with softmax."""

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str = "tanh",
        loss: str = "bce",
        seed: int = 0,
        zero_biases: bool = False,
        dtype: Any = np.float64,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.hidden, self.loss_name = ACTIVATIONS[hidden], loss
        self.weights, self.biases = [], []
        for d_in, d_out in pairwise(sizes):
            self.weights.append((rng.standard_normal((d_in, d_out)) / np.sqrt(d_in)).astype(dtype))
            self.biases.append((rng.standard_normal(d_out) * (0 if zero_biases else 0.5)).astype(dtype))

    def parameters(self) -> list[Any]:
        return [array for pair in zip(self.weights, self.biases, strict=True) for array in pair]

    def _pass(self, x: Any) -> tuple[list[Any], list[Any]]:
        a, zs = [x.astype(self.weights[0].dtype, copy=False)], []
        for k, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            zs.append(a[-1] @ w + b)
            a.append(self.hidden[0](zs[-1]) if k + 1 < len(self.weights) else zs[-1])
        return a, zs

    def loss(self, x: Any, y: Any) -> Any:
        z = self._pass(x)[0][-1]
        y, n = y.astype(z.dtype, copy=False), z.dtype.type(len(x))
        if self.loss_name == "mse":
            return ((sigmoid(z) - y) ** 2).sum() / (2 * n)
        if self.loss_name == "bce":
            return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).sum() / n
        top = z.max(axis=1, keepdims=True)
        return (np.log(np.exp(z - top).sum(axis=1)) + top[:, 0] - (z * y).sum(axis=1)).sum() / n

    def gradients(self, x: Any, y: Any) -> list[Any]:
        a, zs = self._pass(x)
        z = zs[-1]
        y = y.astype(z.dtype)
        p = sigmoid(z)
        if self.loss_name == "mse":
            delta = (p - y) * p * sigmoid(-z)
        elif self.loss_name == "bce":
            delta = p - y
        else:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            delta = e / e.sum(axis=1, keepdims=True) - y
        delta = delta / z.dtype.type(len(x))
        found: list[Any] = []
        for k in reversed(range(len(self.weights))):
            found = [a[k].T @ delta, delta.sum(axis=0), *found]
            if k:
                delta = (delta @ self.weights[k].T) * self.hidden[1](zs[k - 1])
        return found


class Faulty:
    """Another network with its gradients tampered with: change(gradients, parameters) edits the list in place."""

    def __init__(self, network: Any, change: Callable[[list[Any], list[Any]], None]) -> None:
        self.network, self.change = network, change
        self.parameters, self.loss = network.parameters, network.loss

    def gradients(self, x: Any, y: Any) -> list[Any]:
        gradients = [g.copy() for g in self.network.gradients(x, y)]
        self.change(gradients, self.network.parameters())
        return gradients


def data(sizes: Sequence[int], n: int, loss: str, seed: int, zero_rows: bool = False) -> tuple[Any, Any]:
    """Inputs (n, sizes[0]) and targets (n, sizes[-1]): 0/1, one-hot for "ce". zero_rows: some inputs are all zeros."""
    rng = np.random.default_rng([seed, 1])
    x = rng.standard_normal((n, sizes[0]))
    if zero_rows:
        x[rng.integers(n)] = 0.0
    if loss == "ce":
        return x, np.eye(sizes[-1])[rng.integers(sizes[-1], size=n)]
    return x, rng.integers(0, 2, size=(n, sizes[-1])).astype(np.float64)


def truth_table(name: str) -> tuple[Any, Any]:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    return x, np.array({"and": [0, 0, 0, 1], "xor": [0, 1, 1, 0]}[name], dtype=np.float64).reshape(4, 1)


def random_case(seed: int) -> tuple[Dense, Any, Any, str]:
    """A random correct network with a batch, and a description of it."""
    rng = np.random.default_rng(seed)
    hidden = str(rng.choice(list(ACTIVATIONS)))
    loss = str(rng.choice(LOSSES))
    depth = int(rng.integers(0, 4))
    dtype = np.float32 if rng.random() < 0.15 else np.float64
    zero_biases = bool(rng.random() < 0.5)
    table = str(rng.choice(["", "", "and", "xor"])) if loss != "ce" else ""
    d_in = 2 if table else int(rng.integers(1, 6))
    d_out = 1 if table else int(rng.integers(2, 5)) if loss == "ce" else int(rng.integers(1, 3))
    sizes = (d_in, *(int(m) for m in rng.integers(1, 6, depth)), d_out)
    network = Dense(sizes, hidden, loss, seed, zero_biases, dtype)
    n = int(rng.choice([1, 2, 7]))
    x, y = truth_table(table) if table else data(sizes, n, loss, seed, zero_rows=bool(rng.random() < 0.5))
    if not table and rng.random() < 0.3:
        # corners of a cube: many zeros, and rows that are equal
        x = rng.integers(0, 2, x.shape).astype(np.float64)
    words = f"{sizes} {hidden} {loss} {table or n} zero biases {zero_biases} {dtype.__name__} seed {seed}"
    return network, x, y, words
