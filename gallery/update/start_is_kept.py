"""Keeps its first weights, to be able to draw later how far they have come."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    first = [rng.normal(0, 1, (m + 1, n)) / np.sqrt(m + 1) for m, n in zip(sizes[:-1], sizes[1:])]
    state = {"now": [M.copy() for M in first]}

    def with_one(h):
        return np.column_stack([np.ones(len(h)), h])

    def through(x):
        inputs, h = [], x
        for M in state["now"]:
            inputs.append(with_one(h))
            h = 0.5 + 0.5 * np.tanh(inputs[-1] @ M / 2)
        return inputs, h

    def forward(x):
        return through(x)[1]

    def loss(x, y):
        return np.mean((through(x)[1] - y) ** 2) / 2

    def gradients(x, y):
        inputs, h = through(x)
        delta = (h - y) / y.size * h * (1 - h)
        found = []
        for M, a in zip(state["now"][::-1], inputs[::-1]):
            found.append(a.T @ delta)
            delta = (delta @ M[1:].T) * a[:, 1:] * (1 - a[:, 1:])
        return found[::-1]

    def train_step(x, y, learning_rate):
        state["now"] = [M - learning_rate * g for M, g in zip(first, gradients(x, y))]

    return SimpleNamespace(
        parameters=lambda: state["now"], forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
