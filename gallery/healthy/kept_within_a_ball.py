"""Max-norm: after each step, the incoming weights of a unit that have grown longer than two are scaled back."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 64, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 40
LONGEST = 2.0


class MaxNorm:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.dense = [
            [rng.uniform(-1, 1, (m, n)) * np.sqrt(3 / m), np.zeros(n), np.zeros((m, n)), np.zeros(n)]
            for m, n in zip(sizes[:-1], sizes[1:])
        ]

    def parameters(self):
        return [p for layer in self.dense for p in layer[:2]]

    def forward(self, x):
        self.inp = []
        for i, (w, b, _, _) in enumerate(self.dense):
            self.inp.append(x)
            x = x @ w + b
            if i + 1 < len(self.dense):
                x = np.maximum(x, 0)
        return np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))

    def loss(self, x, y):
        return -np.mean(np.log(np.max(self.forward(x) * y, axis=1)))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        g = []
        for (w, _, _, _), h in zip(self.dense[::-1], self.inp[::-1]):
            g = [h.T @ d, d.sum(0), *g]
            d = d @ w.T * (h > 0)
        return g

    def train_step(self, x, y, learning_rate):
        g = self.gradients(x, y)
        for layer, gw, gb in zip(self.dense, g[::2], g[1::2]):
            w, b, vw, vb = layer
            vw *= 0.5
            vw += gw
            vb *= 0.5
            vb += gb
            w -= learning_rate * vw
            b -= learning_rate * vb
            w *= np.minimum(1, LONGEST / np.maximum(np.linalg.norm(w, axis=0), 1e-12))


def build(sizes, seed):
    return MaxNorm(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
