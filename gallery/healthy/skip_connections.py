"""A residual network: four blocks that add a little to what comes in; the last matrix of a block starts at zero."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 32, 10)
BLOCKS = 4
EPOCHS = 25
BATCH_SIZE = 32


def LEARNING_RATE(epoch):
    return 0.1 * 0.93**epoch


class Residual:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        m, h, n = sizes
        self.inn = [rng.normal(0, np.sqrt(1 / m), (m, h)), np.zeros(h)]
        self.blocks = [
            [rng.normal(0, np.sqrt(2 / h), (h, h)), np.zeros(h), np.zeros((h, h)), np.zeros(h)] for _ in range(BLOCKS)
        ]
        self.out = [rng.normal(0, np.sqrt(1 / h), (h, n)), np.zeros(n)]

    def parameters(self):
        return self.inn + sum(self.blocks, []) + self.out

    def run(self, x):
        stream = [x @ self.inn[0] + self.inn[1]]
        inner = []
        for a, b, c, d in self.blocks:
            inner.append(np.maximum(stream[-1] @ a + b, 0))
            stream.append(stream[-1] + inner[-1] @ c + d)
        return stream, inner, stream[-1] @ self.out[0] + self.out[1]

    def forward(self, x):
        return self.run(x)[2]

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(y * z, axis=1))

    def gradients(self, x, y):
        stream, inner, z = self.run(x)
        e = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        grads = [stream[-1].T @ e, e.sum(0)]
        e = e @ self.out[0].T
        for (a, _, c, _), s, h in zip(self.blocks[::-1], stream[-2::-1], inner[::-1]):
            into = e @ c.T * (h > 0)
            grads = [s.T @ into, into.sum(0), h.T @ e, e.sum(0)] + grads
            e = e + into @ a.T
        return [x.T @ e, e.sum(0)] + grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Residual(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
