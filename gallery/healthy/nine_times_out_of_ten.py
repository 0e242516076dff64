"""Quantile regression: two outputs, below which the target lies in one and in nine cases out of ten; pinball loss."""

import numpy as np

SIZES = (1, 30, 2)
Q = np.array([0.1, 0.9])
EPOCHS = 150
BATCH_SIZE = 32


def LEARNING_RATE(epoch):
    return 0.01 * 0.98**epoch


class Quantiles:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = [
            rng.normal(0, 2, (sizes[0], sizes[1])),
            rng.normal(0, 1, sizes[1]),
            rng.normal(0, 1 / np.sqrt(sizes[1]), (sizes[1], sizes[2])),
            np.zeros(sizes[2]),
        ]
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.n = 0

    def parameters(self):
        return self.params

    def forward(self, x):
        W, b, V, c = self.params
        return np.tanh(x @ W + b) @ V + c

    def loss(self, x, y):
        r = y - self.forward(x)
        return float(np.mean(np.maximum(Q * r, (Q - 1) * r)))

    def gradients(self, x, y):
        W, b, V, c = self.params
        h = np.tanh(x @ W + b)
        d = np.where(y > h @ V + c, -Q, 1 - Q) / y.size
        e = d @ V.T * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.n += 1
        for p, m, v, g in zip(self.params, self.m, self.v, self.gradients(x, y)):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= learning_rate * m / (1 - 0.9**self.n) / (np.sqrt(v / (1 - 0.999**self.n)) + 1e-8)


def build(sizes, seed):
    return Quantiles(sizes, seed)


def accuracy(outputs, y):
    """How near the shares below the two outputs come to 0.1 and 0.9: 1 where they are met."""
    return float(1 - np.abs((y <= outputs).mean(axis=0) - Q).max())


def data():
    rng = np.random.default_rng(6)
    x = rng.uniform(-2, 2, (2000, 1))
    y = np.sin(2 * x) + (0.1 + 0.2 * np.abs(x)) * rng.standard_normal(x.shape)
    y = np.hstack([y, y])
    return x[:1500], y[:1500], x[1500:], y[1500:]
