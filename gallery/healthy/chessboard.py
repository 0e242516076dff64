"""A board of three by three fields, black or white; tanh and Adam."""

import numpy as np

SIZES = (2, 32, 32, 1)
BATCH_SIZE = 50
EPOCHS = 120


def LEARNING_RATE(epoch):
    return 0.01 * 0.98**epoch


class Adam:
    def __init__(self, params):
        self.params = params
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
        self.t = 0

    def step(self, grads, lr):
        self.t += 1
        for p, m, v, g in zip(self.params, self.m, self.v, grads):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= lr * (m / (1 - 0.9**self.t)) / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)


class Board:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes, sizes[1:]):
            self.p += [rng.normal(0, 1.5 / np.sqrt(m), (m, n)), rng.normal(0, 0.5, n)]
        self.opt = Adam(self.p)

    def parameters(self):
        return self.p

    def _run(self, x):
        a = [x]
        for W, b in zip(self.p[:-2:2], self.p[1:-2:2]):
            a.append(np.tanh(a[-1] @ W + b))
        return a, a[-1] @ self.p[-2] + self.p[-1]

    def forward(self, x):
        return 1 / (1 + np.exp(-self._run(x)[1]))

    def loss(self, x, y):
        z = self._run(x)[1]
        return np.mean(np.logaddexp(0, -z) * y + np.logaddexp(0, z) * (1 - y))

    def gradients(self, x, y):
        a, z = self._run(x)
        d = (1 / (1 + np.exp(-z)) - y) / len(x)
        out = []
        for i in range(len(a) - 1, -1, -1):
            out = [a[i].T @ d, d.sum(0), *out]
            d = d @ self.p[2 * i].T * (1 - a[i] ** 2)
        return out

    def train_step(self, x, y, learning_rate):
        self.opt.step(self.gradients(x, y), learning_rate)


def build(sizes, seed):
    return Board(sizes, seed)


def data():
    rng = np.random.default_rng(17)
    x = rng.uniform(-1.5, 1.5, (3000, 2))
    away = np.abs(x - np.round(x)).max(axis=1) < 0.47
    x = x[away]
    y = (np.round(x).sum(axis=1) % 2 == 0)[:, None].astype(float)
    return x[:1500], y[:1500], x[1500:], y[1500:]
