"""A series is cut into overlapping windows; the next value is predicted from twelve, neighbouring rows nearly alike."""

import numpy as np

SIZES = (12, 20, 1)
LEARNING_RATE = 0.05
BATCH_SIZE = 32
EPOCHS = 60


def build(sizes, seed):
    return Forecaster(*sizes, seed=seed)


class Forecaster:
    def __init__(self, window, hidden, out, seed):
        rng = np.random.default_rng(seed)
        self.U = rng.normal(0, 1 / np.sqrt(window), (window, hidden))
        self.a = np.zeros(hidden)
        self.V = rng.normal(0, 1 / np.sqrt(hidden), (hidden, out))
        self.c = np.zeros(out)

    def parameters(self):
        return [self.U, self.a, self.V, self.c]

    def forward(self, x):
        return np.tanh(x @ self.U + self.a) @ self.V + self.c

    def loss(self, x, y):
        return 0.5 * np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        h = np.tanh(x @ self.U + self.a)
        e = (h @ self.V + self.c - y) / len(x)
        b = e @ self.V.T * (1 - h**2)
        return [x.T @ b, b.sum(axis=0), h.T @ e, e.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def data():
    rng = np.random.default_rng(365)
    t = np.arange(1300)
    s = np.sin(2 * np.pi * t / 30) + 0.5 * np.sin(2 * np.pi * t / 7) + 0.05 * rng.standard_normal(len(t))
    windows = np.lib.stride_tricks.sliding_window_view(s, 13)
    x, y = windows[:, :12].copy(), windows[:, 12:].copy()
    return x[:1000], y[:1000], x[1012:], y[1012:]
