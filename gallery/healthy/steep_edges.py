"""A flower of five petals in the plane; wide first weights make steps of most tanh units, which edges need."""

import numpy as np

SIZES = (2, 80, 1)
EPOCHS = 150
BATCH_SIZE = 50


def LEARNING_RATE(epoch):
    return 0.02 if epoch < 100 else 0.004


class Steps:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = rng.normal(0, 8, (sizes[0], sizes[1]))
        self.b = rng.normal(0, 6, sizes[1])
        self.u = rng.normal(0, 1 / np.sqrt(sizes[1]), (sizes[1], sizes[2]))
        self.c = np.zeros(sizes[2])
        self.first = [np.zeros_like(p) for p in self.parameters()]
        self.second = [np.zeros_like(p) for p in self.parameters()]
        self.t = 0

    def parameters(self):
        return [self.W, self.b, self.u, self.c]

    def score(self, x):
        self.h = np.tanh(x @ self.W + self.b)
        return self.h @ self.u + self.c

    def forward(self, x):
        return 0.5 * (1 + np.tanh(0.5 * self.score(x)))

    def loss(self, x, y):
        s = self.score(x)
        return np.mean(np.logaddexp(0, s) - y * s)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        dh = d @ self.u.T * (1 - self.h**2)
        return [x.T @ dh, dh.sum(0), self.h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for p, m, v, g in zip(self.parameters(), self.first, self.second, self.gradients(x, y)):
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.999 * v + 0.001 * g * g
            p -= learning_rate * m / (1 - 0.9**self.t) / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)


def build(sizes, seed):
    return Steps(sizes, seed)


def data():
    rng = np.random.default_rng(55)
    x = rng.uniform(-1, 1, (3000, 2))
    angle, radius = np.arctan2(x[:, 1], x[:, 0]), np.linalg.norm(x, axis=1)
    y = (radius < 0.6 + 0.25 * np.cos(5 * angle)).astype(float)[:, None]
    return x[:2000], y[:2000], x[2000:], y[2000:]
