"""The update is scaled down where the whole gradient is longer than one half; `gradients` gives it uncut."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 40, 10)
LEARNING_RATE = 0.3
BATCH_SIZE = 16
EPOCHS = 25


def clip_by_global_norm(grads, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * min(1.0, limit / (norm + 1e-12)) for g in grads]


class Clipped:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, np.sqrt(2 / m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]

    def parameters(self):
        return [*self.W, *self.b]

    def run(self, a):
        acts = [a]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            z = W @ acts[-1] + b
            acts.append(np.where(z > 0, z, 0.01 * z))
        z = self.W[-1] @ acts[-1] + self.b[-1]
        return acts, z - np.logaddexp.reduce(z, axis=0)

    def forward(self, x):
        return np.exp(self.run(x.T)[1]).T

    def loss(self, x, y):
        return -(self.run(x.T)[1] * y.T).sum(axis=0).mean()

    def gradients(self, x, y):
        acts, log_p = self.run(x.T)
        d = (np.exp(log_p) - y.T) / len(x)
        gW, gb = [], []
        for W, a in zip(self.W[::-1], acts[::-1]):
            gW.insert(0, d @ a.T)
            gb.insert(0, d.sum(axis=1, keepdims=True))
            d = W.T @ d * np.where(a > 0, 1, 0.01)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), clip_by_global_norm(self.gradients(x, y), 0.5)):
            p -= learning_rate * g


def build(sizes, seed):
    return Clipped(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
