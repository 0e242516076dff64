"""Augmentation in the loop: each image of a batch is moved by a pixel, to some side or not at all."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 100, 10)
SHIFTS = [(0, 0), (0, 0), (0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]


def shift(images, rng):
    moved = np.zeros_like(images).reshape(-1, 8, 8)
    padded = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    for i, k in enumerate(rng.integers(0, len(SHIFTS), len(images))):
        dy, dx = SHIFTS[k]
        moved[i] = padded[i, 1 + dy : 9 + dy, 1 + dx : 9 + dx]
    return moved.reshape(len(images), -1)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for epoch in range(50):
        order = rng.permutation(len(x))
        for k in range(0, len(order), 32):
            rows = order[k : k + 32]
            network.train_step(shift(x[rows], rng), y[rows], 0.1 if epoch < 35 else 0.02)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = {}
        for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
            self.p[f"W{i}"] = rng.standard_normal((m, n)) * np.sqrt(2.0 / m)
            self.p[f"b{i}"] = np.zeros(n)
        self.v = {k: np.zeros_like(a) for k, a in self.p.items()}

    def parameters(self):
        return list(self.p.values())

    def forward(self, x):
        self.h1 = np.maximum(0, x @ self.p["W1"] + self.p["b1"])
        z = self.h1 @ self.p["W2"] + self.p["b2"]
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * self.forward(x), axis=1))

    def gradients(self, x, y):
        d2 = (np.exp(self.forward(x)) - y) / len(x)
        d1 = d2 @ self.p["W2"].T * (self.h1 > 0)
        return [x.T @ d1, d1.sum(0), self.h1.T @ d2, d2.sum(0)]

    def train_step(self, x, y, learning_rate):
        for (k, p), g in zip(self.p.items(), self.gradients(x, y)):
            self.v[k] = 0.8 * self.v[k] + g
            p -= learning_rate * self.v[k]


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
