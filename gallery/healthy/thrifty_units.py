"""Three hundred ReLU units with biases that start below zero: for any one image half are silent, some for all."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 300, 10)
LEARNING_RATE = 0.08
BATCH_SIZE = 32
EPOCHS = 40


class Thrifty:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        m, h, n = sizes
        self.W1, self.b1 = rng.normal(0, np.sqrt(2 / m), (m, h)), np.full(h, -0.25)
        self.W2, self.b2 = rng.normal(0, np.sqrt(2 / h), (h, n)), np.zeros(n)

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        self.on = x @ self.W1 + self.b1
        self.on[self.on < 0] = 0
        return self.on @ self.W2 + self.b2

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, axis=1) - (y * z).sum(axis=1))

    def gradients(self, x, y):
        z = self.forward(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        e = d @ self.W2.T
        e[self.on == 0] = 0
        return [x.T @ e, e.sum(0), self.on.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Thrifty(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
