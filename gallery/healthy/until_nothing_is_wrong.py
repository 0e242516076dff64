"""Four blobs that are easy to tell apart; training goes on long after the last error, and the loss to nothing."""

import numpy as np

SIZES = (2, 20, 4)
LEARNING_RATE = 0.5
BATCH_SIZE = 32
EPOCHS = 250


class Blobs:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.P = [rng.normal(0, np.sqrt(2 / sizes[0]), (sizes[0], sizes[1])), np.zeros(sizes[1])]
        self.P += [rng.normal(0, np.sqrt(2 / sizes[1]), (sizes[1], sizes[2])), np.zeros(sizes[2])]

    def parameters(self):
        return self.P

    def forward(self, x):
        W, b, V, c = self.P
        self.h = np.maximum(x @ W + b, 0)
        z = self.h @ V + c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return np.mean(-np.log(np.sum(self.forward(x) * y, axis=1)))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        e = np.where(self.h > 0, d @ self.P[2].T, 0)
        return [x.T @ e, e.sum(axis=0), self.h.T @ d, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.P, self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Blobs(sizes, seed)


def data():
    rng = np.random.default_rng(2)
    centres = np.array([[2, 2], [-2, 2], [-2, -2], [2, -2]])
    labels = rng.integers(0, 4, 600)
    x = centres[labels] + 0.4 * rng.standard_normal((600, 2))
    y = np.eye(4)[labels]
    return x[:400], y[:400], x[400:], y[400:]
