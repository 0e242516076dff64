"""Cosine with warm restarts: every eight epochs the rate jumps back up, and the loss with it."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 10)
BATCH_SIZE = 32
EPOCHS = 40


def LEARNING_RATE(epoch):
    t = epoch % 8
    return 0.001 + 0.4 * 0.5 * (1 + np.cos(np.pi * t / 8))


class Restarted:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [*self.weights, *self.biases]

    def forward(self, x):
        self.act = [x]
        for w, b in zip(self.weights, self.biases):
            self.act.append(np.maximum(self.act[-1] @ w + b, 0))
        self.act.pop()
        return self.act[-1] @ self.weights[-1] + self.biases[-1]

    def log_softmax(self, x):
        z = self.forward(x)
        z = z - np.max(z, axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    def loss(self, x, y):
        return -(self.log_softmax(x) * y).sum(axis=1).mean()

    def gradients(self, x, y):
        err = (np.exp(self.log_softmax(x)) - y) / len(x)
        ws, bs = [], []
        for w, a in zip(reversed(self.weights), reversed(self.act)):
            ws.append(a.T @ err)
            bs.append(err.sum(axis=0))
            err = err @ w.T * (a > 0)
        return ws[::-1] + bs[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Restarted(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
