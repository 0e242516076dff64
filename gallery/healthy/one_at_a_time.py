"""Online learning: one sample per step, vectors and outer products, a small rate."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 32, 10)
LEARNING_RATE = 0.02
BATCH_SIZE = 1
EPOCHS = 12


class Online:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = rng.normal(0, sizes[0] ** -0.5, (sizes[1], sizes[0]))
        self.b = np.zeros(sizes[1])
        self.V = rng.normal(0, sizes[1] ** -0.5, (sizes[2], sizes[1]))
        self.c = np.zeros(sizes[2])

    def parameters(self):
        return [self.W, self.b, self.V, self.c]

    def forward(self, x):
        z = np.tanh(x @ self.W.T + self.b) @ self.V.T + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.log((self.forward(x) * y).sum(axis=1)).mean()

    def one(self, x, y):
        h = np.tanh(self.W @ x + self.b)
        z = self.V @ h + self.c
        p = np.exp(z - z.max())
        delta = p / p.sum() - y
        below = (self.V.T @ delta) * (1 - h * h)
        return np.outer(below, x), below, np.outer(delta, h), delta

    def gradients(self, x, y):
        every = [self.one(xi, yi) for xi, yi in zip(x, y)]
        return [sum(parts) / len(x) for parts in zip(*every)]

    def train_step(self, x, y, learning_rate):
        for xi, yi in zip(x, y):
            for p, g in zip(self.parameters(), self.one(xi, yi)):
                p -= learning_rate * g


def build(sizes, seed):
    return Online(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
