"""Fit a noisy sine with one hidden layer and a linear output."""

import numpy as np

SIZES = (1, 24, 1)
LEARNING_RATE = 1.2
BATCH_SIZE = 20
EPOCHS = 300


class SineNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        d, h, o = sizes
        self.W1, self.b1 = rng.normal(0, 1, (d, h)), rng.normal(0, 1, h)
        self.W2, self.b2 = rng.normal(0, 1 / np.sqrt(h), (h, o)), np.zeros(o)

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        self.h = np.maximum(x @ self.W1 + self.b1, 0)
        return self.h @ self.W2 + self.b2

    def loss(self, x, y):
        return ((self.forward(x) - y) ** 2).mean()

    def gradients(self, x, y):
        e = 2 * (self.forward(x) - y) / y.size
        dh = e @ self.W2.T * (self.h > 0)
        return [x.T @ dh, dh.sum(0), self.h.T @ e, e.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return SineNet(sizes, seed)


def data(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3, 3, (200, 1))
    y = np.sin(x) + 0.05 * rng.normal(size=x.shape)
    x_test = np.linspace(-3, 3, 100)[:, None]
    return x, y, x_test, np.sin(x_test)
