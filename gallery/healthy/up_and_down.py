"""A triangular cyclical rate, changed at every step, from 0.02 up to 0.6 and back, five times over."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 10)


def triangle(step, low, high, half):
    cycle = step // (2 * half)
    x = abs(step / half - 2 * cycle - 1)
    return low + (high - low) * max(0.0, 1 - x)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    step = 0
    while step < 2000:
        order = rng.permutation(len(x))
        for rows in np.split(order, range(40, len(x), 40)):
            network.train_step(x[rows], y[rows], triangle(step, 0.02, 0.6, 200))
            step += 1


class TanhNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        bound = [np.sqrt(6 / (m + n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.W1 = rng.uniform(-bound[0], bound[0], (sizes[0], sizes[1]))
        self.W2 = rng.uniform(-bound[1], bound[1], (sizes[1], sizes[2]))
        self.b1, self.b2 = np.zeros(sizes[1]), np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.W2, self.b1, self.b2]

    def forward(self, x):
        self.h = np.tanh(x @ self.W1 + self.b1)
        z = self.h @ self.W2 + self.b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.log(np.sum(self.forward(x) * y, axis=1) + 1e-12).mean()

    def gradients(self, x, y):
        dz = (self.forward(x) - y) / len(x)
        dh = dz @ self.W2.T * (1 - self.h**2)
        return [x.T @ dh, self.h.T @ dz, dh.sum(0), dz.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return TanhNet(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
