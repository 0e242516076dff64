"""A ring around a disc; two classes as two columns under a softmax; ReLU."""

import numpy as np

SIZES = (2, 20, 2)
LEARNING_RATE = 0.3
BATCH_SIZE = 32
EPOCHS = 100


class TwoColumns:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.full(n, 0.1) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def forward(self, x):
        self.h = [x]
        for W, b in list(zip(self.W, self.b))[:-1]:
            self.h.append(np.fmax(0, self.h[-1] @ W + b))
        z = self.h[-1] @ self.W[-1] + self.b[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-15)) / len(x)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        gW, gb = [], []
        for W, h in zip(self.W[::-1], self.h[::-1]):
            gW.insert(0, h.T @ d)
            gb.insert(0, d.sum(axis=0))
            d = np.where(h > 0, d @ W.T, 0)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return TwoColumns(sizes, seed)


def rings(n, rng):
    label = rng.integers(0, 2, n)
    radius = np.where(label == 1, 1.0, 0.4) + 0.08 * rng.standard_normal(n)
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)], np.eye(2)[label]


def data():
    rng = np.random.default_rng(21)
    return (*rings(500, rng), *rings(300, rng))
