"""A class that declares its attributes at the top, as in other languages."""

import numpy as np


class Momentum:
    velocity = {}
    mu = 0.9

    def __call__(self, key, gradient, rate):
        key = (key, gradient.shape)
        self.velocity[key] = self.mu * self.velocity.get(key, 0.0) - rate * gradient
        return self.velocity[key]


class build:
    def __init__(self, sizes, seed):
        self.optimizer = Momentum()
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.full(n, 0.1) for n in sizes[1:]]

    def parameters(self):
        return [*self.W, *self.b]

    def sums(self, x):
        zs, hs = [], [x]
        for W, b in zip(self.W, self.b):
            zs.append(hs[-1] @ W + b)
            hs.append(np.maximum(0, zs[-1]))
        return zs, hs

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.sums(x)[0][-1]))

    def loss(self, x, y):
        z = self.sums(x)[0][-1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def gradients(self, x, y):
        zs, hs = self.sums(x)
        d = (np.exp(-np.logaddexp(0, -zs[-1])) - y) / len(x)
        gW, gb = [], []
        for k in reversed(range(len(self.W))):
            gW.insert(0, hs[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            if k:
                d = d @ self.W[k].T * (zs[k - 1] > 0)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for key, (p, g) in enumerate(zip(self.parameters(), self.gradients(x, y))):
            p += self.optimizer(key, g, learning_rate)
