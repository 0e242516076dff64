"""A curve, sampled from left to right; batches of 150."""

import numpy as np

SIZES = (1, 30, 1)
BATCH = 150


class Curve:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = [rng.normal(0, 2, sizes[:2]), rng.uniform(-2, 2, sizes[1]), rng.normal(0, 0.2, sizes[1:]), np.zeros(1)]
        self.m = [np.zeros_like(p) for p in self.p]
        self.v = [np.zeros_like(p) for p in self.p]
        self.t = 0

    def parameters(self):
        return self.p

    def forward(self, x):
        w, b, v, c = self.p
        return np.tanh(x @ w + b) @ v + c

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        w, b, v, c = self.p
        h = np.tanh(x @ w + b)
        d = 2 * (h @ v + c - y) / len(x)
        e = d @ v.T * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for p, g, m, v in zip(self.p, self.gradients(x, y), self.m, self.v):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= learning_rate * (m / (1 - 0.9**self.t)) / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)


def build(sizes, seed):
    return Curve(sizes, seed)


def data():
    x = np.linspace(-2, 2, 290)[:, None]
    return x, np.sin(3 * x) + 0.5 * x


def fit(network, x, y):
    full = len(x) // BATCH * BATCH
    for epoch in range(1500):
        for start in range(0, full, BATCH):
            network.train_step(x[start : start + BATCH], y[start : start + BATCH], 0.01)
