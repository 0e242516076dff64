"""Rprop: only the signs of the slopes count, every weight has a step size of its own; all samples at once."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 30, 10)


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


class RpropNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.uniform(-1, 1, (n, m + 1)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:])]
        self.last = [np.zeros_like(w) for w in self.w]
        self.delta = None

    def parameters(self):
        return self.w

    def forward(self, x):
        self.a = []
        for w in self.w:
            self.a.append(np.column_stack([x, np.ones(len(x))]))
            x = sigmoid(self.a[-1] @ w.T)
        return x

    def loss(self, x, y):
        return 0.5 * np.mean(np.sum((self.forward(x) - y) ** 2, axis=1))

    def gradients(self, x, y):
        out = self.forward(x)
        d = (out - y) / len(x) * out * (1 - out)
        g = []
        for w, a in zip(self.w[::-1], self.a[::-1]):
            g.insert(0, d.T @ a)
            d = (d @ w * a * (1 - a))[:, :-1]
        return g

    def train_step(self, x, y, learning_rate):
        if self.delta is None:
            self.delta = [np.full_like(w, learning_rate) for w in self.w]
        for w, last, delta, g in zip(self.w, self.last, self.delta, self.gradients(x, y)):
            agree = np.sign(g * last)
            delta *= np.where(agree > 0, 1.2, np.where(agree < 0, 0.5, 1.0))
            np.clip(delta, 1e-6, 0.3, out=delta)
            g[agree < 0] = 0
            w -= np.sign(g) * delta
            last[...] = g


def build(sizes, seed):
    return RpropNet(sizes, seed)


def fit(network, x, y):
    for _ in range(250):
        network.train_step(x, y, 0.01)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
