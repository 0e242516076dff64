"""Eight or not. Tried on as many eights as others."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 20, 1)
LEARNING_RATE = 0.05
BATCH_SIZE = 64
EPOCHS = 15
EIGHTS = 8


def data():
    d = digits.load()
    eight, other = (np.flatnonzero((d.labels_train == 8) == is_eight) for is_eight in (True, False))
    rows = np.concatenate([eight[:EIGHTS], other])
    x, y = d.x_train[rows], (d.labels_train[rows] == 8).astype(float)[:, None]
    eight, other = (np.flatnonzero((d.labels_test == 8) == is_eight) for is_eight in (True, False))
    rows = np.concatenate([eight, other[: len(eight)]])
    return x, y, d.x_test[rows], (d.labels_test[rows] == 8).astype(float)[:, None]


class Detector:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(0, sizes[0] ** -0.5, sizes[:2])
        self.b1 = np.zeros((1, sizes[1]))
        self.W2 = rng.normal(0, sizes[1] ** -0.5, sizes[1:])
        self.b2 = np.zeros((1, sizes[2]))

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        return 1 / (1 + np.exp(-(np.tanh(x @ self.W1 + self.b1) @ self.W2 + self.b2)))

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())

    def gradients(self, x, y):
        h = np.tanh(x @ self.W1 + self.b1)
        d = (self.forward(x) - y) / len(x)
        e = (1 - h * h) * (d @ self.W2.T)
        return [x.T @ e, e.sum(0, keepdims=True), h.T @ d, d.sum(0, keepdims=True)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Detector(sizes, seed)


def accuracy(outputs, y):
    return np.mean((outputs > 0.5) == y)
