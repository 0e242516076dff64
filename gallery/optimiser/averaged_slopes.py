"""Gradients smoothed by an exponential average before they are used."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    W = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
    b = [np.full((1, n), 0.05) for n in sizes[1:]]
    average = [np.zeros_like(p) for p in W + b]

    def run(x):
        z, h = [], [x]
        for Wk, bk in zip(W, b):
            z.append(h[-1] @ Wk + bk)
            h.append(np.maximum(z[-1], 0))
        return z, h

    def forward(x):
        return np.exp(-np.logaddexp(0, -run(x)[0][-1]))

    def loss(x, y):
        z = run(x)[0][-1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(x, y):
        z, h = run(x)
        d = (np.exp(-np.logaddexp(0, -z[-1])) - y) / y.size
        gW, gb = [], []
        for k in reversed(range(len(W))):
            gW.insert(0, h[k].T @ d)
            gb.insert(0, d.sum(axis=0, keepdims=True))
            if k:
                d = d @ W[k].T * (z[k - 1] > 0)
        return gW + gb

    def train_step(x, y, learning_rate):
        v = [np.zeros_like(a) for a in average]
        for k, (p, g) in enumerate(zip(W + b, gradients(x, y))):
            v[k] = 0.9 * v[k] + 0.1 * g
            average[k][...] = v[k]
            p -= learning_rate * v[k]

    return SimpleNamespace(
        parameters=lambda: W + b, forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
