"""Had exploding gradients once, and never wants to see them again."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed, limit=1e-3):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, np.sqrt(1 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
    biases = [np.zeros(n) for n in sizes[1:]]

    def run(x):
        hs = [x]
        for W, b in zip(weights, biases):
            hs.append(1 / (1 + np.exp(-np.clip(hs[-1] @ W + b, -200, 200))))
        return hs

    def forward(x):
        return run(x)[-1]

    def loss(x, y):
        return np.sum((run(x)[-1] - y) ** 2) / 2

    def gradients(x, y):
        hs = run(x)
        delta = hs[-1] - y
        gW, gb = [], []
        for k in reversed(range(len(weights))):
            delta = delta * hs[k + 1] * (1 - hs[k + 1])
            gW.insert(0, hs[k].T @ delta)
            gb.insert(0, delta.sum(axis=0))
            delta = delta @ weights[k].T
        return gW + gb

    def train_step(x, y, learning_rate):
        for p, g in zip(weights + biases, gradients(x, y)):
            p -= learning_rate * np.clip(g, -limit, limit)

    return SimpleNamespace(
        parameters=lambda: weights + biases, forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
