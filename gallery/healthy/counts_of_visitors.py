"""Poisson regression: counts from 0 to about 40, the network gives the logarithm of their mean."""

import numpy as np

SIZES = (3, 24, 1)
EPOCHS = 250
BATCH_SIZE = 32


def LEARNING_RATE(epoch):
    return 0.02 * 0.99**epoch


class Poisson:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = rng.normal(0, 1 / np.sqrt(sizes[0]), (sizes[0], sizes[1]))
        self.b = np.zeros(sizes[1])
        self.u = rng.normal(0, 1 / np.sqrt(sizes[1]), (sizes[1], sizes[2]))
        self.c = np.zeros(sizes[2])

    def parameters(self):
        return [self.W, self.b, self.u, self.c]

    def log_rate(self, x):
        return np.tanh(x @ self.W + self.b) @ self.u + self.c

    def forward(self, x):
        return np.exp(self.log_rate(x))

    def loss(self, x, y):
        eta = self.log_rate(x)
        return np.mean(np.exp(eta) - y * eta)

    def gradients(self, x, y):
        h = np.tanh(x @ self.W + self.b)
        d = (np.exp(h @ self.u + self.c) - y) / y.size
        dh = d @ self.u.T * (1 - h**2)
        return [x.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Poisson(sizes, seed)


def data():
    rng = np.random.default_rng(77)
    x = rng.uniform(-1, 1, (2000, 3))
    mean = np.exp(1.5 + 1.2 * np.sin(2 * x[:, :1]) + 0.8 * x[:, 1:2] * x[:, 2:])
    y = rng.poisson(mean).astype(float)
    return x[:1500], y[:1500], x[1500:], mean[1500:]
