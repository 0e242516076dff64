"""Functional style: build() makes the functions, and what they share lives in lists around them."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 1 / np.sqrt(m), size=(n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
    biases = [np.zeros(n) for n in sizes[1:]]
    theta = weights + biases
    total = [np.zeros_like(p) for p in theta]
    speed = [np.zeros_like(p) for p in theta]

    def run(x):
        hs = [x]
        for w, b in zip(weights, biases):
            z = hs[-1] @ w.T + b
            hs.append(np.tanh(z))
        hs[-1] = 0.5 * (1 + np.tanh(0.5 * z))
        return hs

    def loss(x, y):
        return ((run(x)[-1] - y) ** 2).mean()

    def gradients(x, y):
        hs = run(x)
        out = hs[-1]
        d = 2 * (out - y) / y.size * out * (1 - out)
        for i in range(len(weights) - 1, -1, -1):
            total[i] += d.T @ hs[i]
            total[len(weights) + i] += d.sum(axis=0)
            d = d @ weights[i]
        return [t.copy() for t in total]

    def train_step(x, y, learning_rate):
        for p, v, g in zip(theta, speed, gradients(x, y)):
            v[...] = learning_rate * g - 0.8 * v
            p -= v

    return SimpleNamespace(
        parameters=lambda: theta,
        forward=lambda x: run(x)[-1],
        loss=loss,
        gradients=gradients,
        train_step=train_step,
    )
