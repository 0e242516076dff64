"""Columns for samples, and a threshold in each neuron, as in a book from the nineties: the net input is w.x - threshold."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    w = [rng.normal(size=(n, m)) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]
    theta = [rng.normal(size=(n, 1)) * 0.1 for n in sizes[1:]]

    def signals(x):
        s = [x.T]
        for i in range(len(w)):
            s.append(np.tanh(w[i] @ s[i] - theta[i]))
        s[-1] = (1 + np.tanh((w[-1] @ s[-2] - theta[-1]) / 2)) / 2
        return s

    def forward(x):
        return signals(x)[-1].T

    def loss(x, y):
        return 0.5 * np.mean(np.sum((forward(x) - y) ** 2, axis=1))

    def gradients(x, y):
        s = signals(x)
        d = (s[-1] - y.T) * s[-1] * (1 - s[-1]) / len(x)
        dw, dt = [None] * len(w), [None] * len(w)
        for i in reversed(range(len(w))):
            dw[i] = d @ s[i].T
            dt[i] = -d.sum(axis=1, keepdims=True)
            if i > 0:
                d = (w[i].T @ d) * (1 - s[i] ** 2)
        return dw + dt

    def train_step(x, y, learning_rate):
        grads = gradients(x, y)
        for i in range(len(w)):
            w[i] -= learning_rate * grads[i]
            theta[i] += learning_rate * grads[len(w) + i]

    return SimpleNamespace(
        parameters=lambda: w + theta, forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
