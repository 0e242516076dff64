"""Regression on a sine with softplus units: smooth, positive, a linear output, Adam."""

import numpy as np

SIZES = (1, 40, 1)
BATCH_SIZE = 20
EPOCHS = 300


def LEARNING_RATE(epoch):
    return 0.05 * 0.985**epoch


class SmoothRegressor:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        m, h, n = sizes
        self.W1 = rng.normal(0, 3, (m, h))
        self.b1 = rng.uniform(-8, 8, h)
        self.W2 = rng.normal(0, 1 / np.sqrt(h), (h, n))
        self.b2 = np.zeros(n)
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in self.parameters()]
        self.t = 0

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        return np.logaddexp(0, x @ self.W1 + self.b1) @ self.W2 + self.b2

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        z = x @ self.W1 + self.b1
        h = np.logaddexp(0, z)
        d_out = 2 * (h @ self.W2 + self.b2 - y) / y.size
        d_hid = d_out @ self.W2.T / (1 + np.exp(-z))
        return [x.T @ d_hid, d_hid.sum(0), h.T @ d_out, d_out.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        scale = learning_rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        for p, (m, v), g in zip(self.parameters(), self.moments, self.gradients(x, y)):
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.999 * v + 0.001 * g * g
            p -= scale * m / (np.sqrt(v) + 1e-8)


def build(sizes, seed):
    return SmoothRegressor(sizes, seed)


def data():
    rng = np.random.default_rng(3)
    x = rng.uniform(-np.pi, np.pi, (300, 1))
    grid = np.linspace(-3, 3, 100)[:, None]
    return x, np.sin(2 * x) + 0.05 * rng.standard_normal(x.shape), grid, np.sin(2 * grid)
