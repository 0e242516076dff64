"""Biases of zero by np.full, since another start was planned for later."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, m**-0.5, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.full(n, 0) for n in sizes[1:]]

    def parameters(self):
        return self.weights + self.biases

    def up(self, x):
        hs = [x]
        for W, b in zip(self.weights, self.biases):
            z = hs[-1] @ W + b
            hs.append(np.tanh(z))
        return hs, z

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.up(x)[1]))

    def loss(self, x, y):
        z = self.up(x)[1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        hs, z = self.up(x)
        d = (np.exp(-np.logaddexp(0, -z)) - y) / y.size
        gW, gb = [], []
        for k in range(len(self.weights) - 1, -1, -1):
            gW.insert(0, hs[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            d = d @ self.weights[k].T * (1 - hs[k] ** 2)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p[...] = p - learning_rate * g
