"""Fuel consumption from speed and load; the log was typed by hand."""

import numpy as np

SIZES = (2, 16, 1)
LEARNING_RATE = 0.03
BATCH_SIZE = 32
EPOCHS = 150


def trips(n, rng):
    x = rng.uniform(-1, 1, (n, 2))
    y = 0.5 + x[:, :1] ** 2 + 0.5 * x[:, :1] * x[:, 1:] + 0.02 * rng.normal(size=(n, 1))
    return x, y


def typed(y):
    y = y.copy()
    y[40] *= 100
    y[[91, 333]] *= 100
    return y


def data():
    rng = np.random.default_rng(21)
    x, y = trips(400, rng)
    y = typed(y)
    return x, y, *trips(200, rng)


class Consumption:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes, sizes[1:]):
            self.p.append(rng.normal(0, 1.5 / np.sqrt(m), (m, n)))
            self.p.append(rng.uniform(-0.5, 0.5, n))
        self.v = [np.zeros_like(p) for p in self.p]

    def parameters(self):
        return self.p

    def forward(self, x):
        return np.tanh(x @ self.p[0] + self.p[1]) @ self.p[2] + self.p[3]

    def loss(self, x, y):
        return np.square(self.forward(x) - y).mean()

    def gradients(self, x, y):
        h = np.tanh(x @ self.p[0] + self.p[1])
        d = 2 * (h @ self.p[2] + self.p[3] - y) / len(x)
        e = d @ self.p[2].T * (1 - h**2)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.p, self.v, self.gradients(x, y)):
            v *= 0.8
            v -= learning_rate * g
            p += v


def build(sizes, seed):
    return Consumption(sizes, seed)
