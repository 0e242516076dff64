"""Robust regression: one target in twelve is far off, and Huber's loss does not mind."""

import numpy as np

SIZES = (2, 30, 1)
BATCH_SIZE = 16
EPOCHS = 200
DELTA = 0.5


def LEARNING_RATE(epoch):
    return 0.5 / (1 + epoch / 50)


class Robust:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w1 = rng.normal(size=(sizes[1], sizes[0]))
        self.b1 = rng.normal(size=sizes[1])
        self.w2 = rng.normal(size=(sizes[2], sizes[1])) / np.sqrt(sizes[1])
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.w1, self.b1, self.w2, self.b2]

    def hidden(self, x):
        return np.tanh(x @ self.w1.T + self.b1)

    def forward(self, x):
        return self.hidden(x) @ self.w2.T + self.b2

    def loss(self, x, y):
        r = np.abs(self.forward(x) - y)
        return np.where(r < DELTA, 0.5 * r**2, DELTA * (r - 0.5 * DELTA)).mean()

    def gradients(self, x, y):
        h = self.hidden(x)
        out = np.clip(h @ self.w2.T + self.b2 - y, -DELTA, DELTA) / y.size
        back = out @ self.w2 * (1 - h**2)
        return [back.T @ x, back.sum(axis=0), out.T @ h, out.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Robust(sizes, seed)


def accuracy(outputs, y):
    """The share of predictions that are off by less than 0.2."""
    return float(np.mean(np.abs(outputs - y) < 0.2))


def data():
    rng = np.random.default_rng(8)
    x = rng.uniform(-1, 1, (700, 2))
    f = np.sin(2.5 * x[:, :1]) + x[:, 1:] ** 2
    y = f + 0.03 * rng.standard_normal(f.shape)
    y[:500:12] += rng.choice([-3.0, 3.0], (42, 1))
    return x[:500], y[:500], x[500:], f[500:]
