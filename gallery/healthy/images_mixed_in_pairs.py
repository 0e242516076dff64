"""Mixup: the loop blends each image, and its label, with those of another of the batch."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 80, 10)


class Mixer:
    def __init__(self, sizes, seed):
        g = np.random.default_rng(seed)
        he = lambda m, n: g.normal(0, np.sqrt(2 / m), (m, n))
        self.W, self.V = he(sizes[0], sizes[1]), he(sizes[1], sizes[2])
        self.b, self.c = np.zeros(sizes[1]), np.zeros(sizes[2])
        self.mom = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [self.W, self.b, self.V, self.c]

    def forward(self, x):
        z = np.maximum(x @ self.W + self.b, 0) @ self.V + self.c
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)

    def loss(self, x, y):
        return -(y * self.forward(x)).sum() / len(x)

    def gradients(self, x, y):
        pre = x @ self.W + self.b
        h = np.maximum(pre, 0)
        d = (np.exp(self.forward(x)) * y.sum(axis=1, keepdims=True) - y) / len(x)
        dh = d @ self.V.T * (pre > 0)
        return [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, m, g in zip(self.parameters(), self.mom, self.gradients(x, y)):
            m[...] = 0.9 * m + 0.1 * g
            p -= learning_rate * m


def build(sizes, seed):
    return Mixer(sizes, seed)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for epoch in range(50):
        for rows in np.array_split(rng.permutation(len(x)), 44):
            lam = rng.beta(0.3, 0.3, (len(rows), 1))
            partner = rng.permutation(rows)
            network.train_step(
                lam * x[rows] + (1 - lam) * x[partner],
                lam * y[rows] + (1 - lam) * y[partner],
                0.4 * (1 - epoch / 50),
            )


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
