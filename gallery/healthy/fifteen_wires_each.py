"""Sparse start: each unit begins with fifteen incoming weights, the others are zero and may grow."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 20
EPOCHS = 40


class SparseStart:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights, self.biases = [], []
        for m, n in zip(sizes[:-1], sizes[1:]):
            w = np.zeros((n, m))
            for unit in range(n):
                wires = rng.choice(m, size=min(15, m), replace=False)
                w[unit, wires] = rng.standard_normal(len(wires)) * 0.5
            self.weights.append(w)
            self.biases.append(np.zeros(n))

    def parameters(self):
        return [p for pair in zip(self.weights, self.biases) for p in pair]

    def forward(self, x):
        self.a = [x]
        for w, b in zip(self.weights, self.biases):
            self.a.append(1 / (1 + np.exp(-(self.a[-1] @ w.T + b))))
        return self.a[-1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / len(x)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        grads = []
        for i in reversed(range(len(self.weights))):
            grads.insert(0, d.sum(axis=0))
            grads.insert(0, d.T @ self.a[i])
            d = (d @ self.weights[i]) * self.a[i] * (1 - self.a[i])
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return SparseStart(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
