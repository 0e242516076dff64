"""Dropout in NumPy, inverted, so that nothing need be scaled later."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        self.rng = np.random.default_rng(seed)
        self.W = [self.rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.keep = 0.8
        self.training = True

    def parameters(self):
        return self.W + self.b

    def run(self, x):
        zs, hs, masks = [], [x], []
        for k, (W, b) in enumerate(zip(self.W, self.b)):
            mask = np.ones((len(x), W.shape[0]))
            if self.training and k > 0:
                mask = (self.rng.random(mask.shape) < self.keep) / self.keep
            masks.append(mask)
            hs[-1] = hs[-1] * mask
            zs.append(hs[-1] @ W + b)
            hs.append(np.maximum(zs[-1], 0))
        return zs, hs, masks

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.run(x)[0][-1]))

    def loss(self, x, y):
        z = self.run(x)[0][-1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        zs, hs, masks = self.run(x)
        d = (np.exp(-np.logaddexp(0, -zs[-1])) - y) / y.size
        gW, gb = [], []
        for k in range(len(self.W) - 1, -1, -1):
            gW.insert(0, hs[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            if k:
                d = (d @ self.W[k].T) * masks[k] * (zs[k - 1] > 0)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
