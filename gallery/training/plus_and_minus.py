"""Two interleaved half moons, squared error."""

import numpy as np

SIZES = (2, 16, 1)
LEARNING_RATE = 1.0
BATCH_SIZE = 20
EPOCHS = 120


def moons(n, rng):
    t = rng.uniform(0, np.pi, n)
    upper = np.c_[np.cos(t), np.sin(t)]
    lower = np.c_[1 - np.cos(t), 0.4 - np.sin(t)]
    x = np.r_[upper, lower] + 0.08 * rng.normal(size=(2 * n, 2))
    y = np.r_[np.ones((n, 1)), -np.ones((n, 1))]
    return x, y


def data():
    rng = np.random.default_rng(9)
    x, y = moons(200, rng)
    return x, y, *moons(100, rng)


def logistic(z):
    return 1 / (1 + np.exp(-z))


class Moons:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 2 / np.sqrt(m), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.b = [rng.normal(0, 0.5, n) for n in sizes[1:]]

    def parameters(self):
        return [*self.W, *self.b]

    def forward(self, x):
        h = np.tanh(x @ self.W[0] + self.b[0])
        return logistic(h @ self.W[1] + self.b[1])

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        h = np.tanh(x @ self.W[0] + self.b[0])
        o = logistic(h @ self.W[1] + self.b[1])
        d = 2 * (o - y) / y.size * o * (1 - o)
        e = d @ self.W[1].T * (1 - h * h)
        return [x.T @ e, h.T @ d, e.sum(0), d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Moons(sizes, seed)
