"""Inverted dropout inside the training step, 30 % of the hidden units; forward, loss and gradients see all units."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 120, 10)
LEARNING_RATE = 0.2
BATCH_SIZE = 32
EPOCHS = 40
KEEP = 0.7


class DropoutNet:
    def __init__(self, sizes, seed):
        self.rng = np.random.default_rng(seed)
        self.W1 = self.rng.normal(0, np.sqrt(2 / sizes[0]), (sizes[0], sizes[1]))
        self.b1 = np.zeros(sizes[1])
        self.W2 = self.rng.normal(0, np.sqrt(2 / sizes[1]), (sizes[1], sizes[2]))
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x, mask=1.0):
        self.h = np.maximum(x @ self.W1 + self.b1, 0) * mask
        z = self.h @ self.W2 + self.b2
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log(np.sum(self.forward(x) * y, axis=1) + 1e-12))

    def gradients(self, x, y, mask=1.0):
        dz = (self.forward(x, mask) - y) / len(x)
        dh = dz @ self.W2.T * (self.h > 0) * mask
        return [x.T @ dh, dh.sum(axis=0), self.h.T @ dz, dz.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        mask = (self.rng.random((len(x), len(self.b1))) < KEEP) / KEEP
        for p, g in zip(self.parameters(), self.gradients(x, y, mask)):
            p -= learning_rate * g


def build(sizes, seed):
    return DropoutNet(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
