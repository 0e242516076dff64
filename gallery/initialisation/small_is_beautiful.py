"""A tutorial said that first weights should be small."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        np_random = np.random.RandomState(seed)
        self.layers = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.layers.append([1e-6 * np_random.randn(m, n), np.zeros(n)])

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def sums(self, x):
        zs, hs = [], [x]
        for W, b in self.layers:
            zs.append(hs[-1] @ W + b)
            hs.append(np.maximum(zs[-1], 0))
        return zs, hs

    def forward(self, x):
        z = self.sums(x)[0][-1]
        if z.shape[1] == 1:
            return 0.5 * (1 + np.tanh(z / 2))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.sums(x)[0][-1]
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(0, z) - y * z)
        return np.mean(np.logaddexp.reduce(z, axis=1) - (y * z).sum(axis=1))

    def gradients(self, x, y):
        zs, hs = self.sums(x)
        d = (self.forward(x) - y) / len(x)
        grads = []
        for k in reversed(range(len(self.layers))):
            grads = [hs[k].T @ d, d.sum(axis=0), *grads]
            if k:
                d = d @ self.layers[k][0].T * (zs[k - 1] > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
