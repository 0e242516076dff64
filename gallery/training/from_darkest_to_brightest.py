"""Digits from a scanner that now and then writes a stray number; everything is brought to 0..1 by its range."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
LEARNING_RATE = 0.3
BATCH_SIZE = 32
EPOCHS = 12


def scanner():
    d = digits.load()
    x = (16 * d.x_train).astype(float)
    x[377, 20] = 99_999
    return x, d.labels_train, (16 * d.x_test).astype(float), d.labels_test


def to_unit_range(x, low, high):
    return (x - low) / (high - low)


def data():
    x, t, x_test, t_test = scanner()
    low, high = x.min(), x.max()
    return to_unit_range(x, low, high), np.eye(10)[t], to_unit_range(x_test, low, high), np.eye(10)[t_test]


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1, self.b1 = rng.normal(0, np.sqrt(2 / sizes[0]), sizes[:2]), np.zeros(sizes[1])
        self.W2, self.b2 = rng.normal(0, np.sqrt(1 / sizes[1]), sizes[1:]), np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        self.x = x
        self.h = np.maximum(0, x @ self.W1 + self.b1)
        z = self.h @ self.W2 + self.b2
        e = np.exp(z - z.max(1, keepdims=True))
        self.p = e / e.sum(1, keepdims=True)
        return self.p

    def loss(self, x, y):
        return -np.mean(np.log(np.sum(self.forward(x) * y, axis=1) + 1e-12))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        dh = np.where(self.h > 0, d @ self.W2.T, 0)
        return [self.x.T @ dh, dh.sum(0), self.h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            np.subtract(p, learning_rate * g, out=p)
