"""Which hour is it, so many hours later? Two one-hot inputs of twelve, all 144 cases; plenty of zeros in every row."""

import numpy as np

SIZES = (24, 64, 12)
LEARNING_RATE = 0.01
BATCH_SIZE = 16
EPOCHS = 80


class Clock:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.avg = [(np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)) for p in self.parameters()]
        self.k = 0

    def parameters(self):
        return self.w + self.b

    def forward(self, x):
        self.h = np.maximum(x @ self.w[0] + self.b[0], 0)
        return self.h @ self.w[1] + self.b[1]

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(y * z, axis=1))

    def gradients(self, x, y):
        z = self.forward(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        dh = d @ self.w[1].T * (self.h > 0)
        return [x.T @ dh, self.h.T @ d, dh.sum(0), d.sum(0)]

    def train_step(self, x, y, learning_rate):
        """AMSGrad."""
        self.k += 1
        for p, (m, v, top), g in zip(self.parameters(), self.avg, self.gradients(x, y)):
            m += 0.1 * (g - m)
            v += 0.001 * (g**2 - v)
            np.maximum(top, v / (1 - 0.999**self.k), out=top)
            p -= learning_rate * m / (1 - 0.9**self.k) / (np.sqrt(top) + 1e-8)


def build(sizes, seed):
    return Clock(sizes, seed)


def data():
    now, later = np.divmod(np.arange(144), 12)
    eye = np.eye(12)
    return np.hstack([eye[now], eye[later]]), eye[(now + later) % 12]
