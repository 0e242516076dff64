"""L1 on the weights, part of loss and gradient alike: it draws weights to zero, as it should."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 10)
BATCH_SIZE = 64
EPOCHS = 60
LAMBDA = 3e-4


def LEARNING_RATE(epoch):
    return 0.3 * 0.96**epoch


class Lasso:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.uniform(-1, 1, (m, n)) * np.sqrt(6 / (m + n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bs = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.Ws + self.bs

    def run(self, x):
        hs = [x]
        for W, b in zip(self.Ws[:-1], self.bs[:-1]):
            hs.append(np.tanh(hs[-1] @ W + b))
        return hs, hs[-1] @ self.Ws[-1] + self.bs[-1]

    def forward(self, x):
        z = self.run(x)[1]
        return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))

    def loss(self, x, y):
        z = self.run(x)[1]
        fit_term = np.mean(np.logaddexp.reduce(z, axis=1) - (z * y).sum(axis=1))
        return fit_term + LAMBDA * sum(np.abs(W).sum() for W in self.Ws)

    def gradients(self, x, y):
        hs, z = self.run(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        gW, gb = [], []
        for W, h in zip(self.Ws[::-1], hs[::-1]):
            gW.append(h.T @ d + LAMBDA * np.sign(W))
            gb.append(d.sum(axis=0))
            d = d @ W.T * (1 - h * h)
        return gW[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Lasso(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
