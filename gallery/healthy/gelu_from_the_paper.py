"""GELU by its tanh formula, two hidden layers, AdamW with warm-up and cosine."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 64, 32, 10)
EPOCHS = 25
C = np.sqrt(2 / np.pi)


def gelu(z):
    return 0.5 * z * (1 + np.tanh(C * (z + 0.044715 * z**3)))


def d_gelu(z):
    t = np.tanh(C * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * C * (1 + 3 * 0.044715 * z * z)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.p.append(rng.normal(0, np.sqrt(2 / m), (m, n)))
            self.p.append(np.zeros(n))
        self.m1 = [0 * p for p in self.p]
        self.m2 = [0 * p for p in self.p]
        self.steps = 0

    def parameters(self):
        return self.p

    def trace(self, x):
        a, z = [x], []
        for W, b in zip(self.p[::2], self.p[1::2]):
            z.append(a[-1] @ W + b)
            a.append(gelu(z[-1]))
        return a, z

    def forward(self, x):
        return self.trace(x)[1][-1]

    def loss(self, x, y):
        z = self.forward(x)
        top = z.max(axis=1, keepdims=True)
        return np.mean(top[:, 0] + np.log(np.exp(z - top).sum(axis=1)) - (y * z).sum(axis=1))

    def gradients(self, x, y):
        a, z = self.trace(x)
        e = np.exp(z[-1] - z[-1].max(axis=1, keepdims=True))
        d = (e / e.sum(axis=1, keepdims=True) - y) / len(x)
        g = []
        for i in range(len(z) - 1, -1, -1):
            g = [a[i].T @ d, d.sum(axis=0), *g]
            if i:
                d = d @ self.p[2 * i].T * d_gelu(z[i - 1])
        return g

    def train_step(self, x, y, learning_rate):
        self.steps += 1
        for p, m, v, g in zip(self.p, self.m1, self.m2, self.gradients(x, y)):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            if p.ndim > 1:
                p *= 1 - 0.01 * learning_rate
            p -= learning_rate * (m / (1 - 0.9**self.steps)) / (np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    batches = len(x) // 32 + 1
    total, warm = EPOCHS * batches, 2 * batches
    step = 0
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(len(x)), batches):
            rate = step / warm if step < warm else 0.5 * (1 + np.cos(np.pi * (step - warm) / (total - warm)))
            network.train_step(x[rows], y[rows], 0.004 * max(rate, 1e-3))
            step += 1


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
