"""Written for images, whose pixels are bytes."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.normal(0, np.sqrt(2 / m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bs = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [*self.Ws, *self.bs]

    def prepare(self, x):
        return np.array(x, dtype=int)

    def sums(self, x):
        hs, zs = [self.prepare(x)], []
        for W, b in zip(self.Ws, self.bs):
            zs.append(hs[-1] @ W.T + b)
            hs.append(np.where(zs[-1] > 0, zs[-1], 0.1 * zs[-1]))
        return hs, zs

    def forward(self, x):
        z = self.sums(x)[1][-1]
        if z.shape[1] == 1:
            return 0.5 * (1 + np.tanh(z / 2))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.sums(x)[1][-1]
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(0, z) - z * y)
        return np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(z * y, axis=1))

    def gradients(self, x, y):
        hs, zs = self.sums(x)
        d = (self.forward(x) - y) / len(x)
        gW, gb = [], []
        for k in reversed(range(len(self.Ws))):
            gW.insert(0, d.T @ hs[k])
            gb.insert(0, d.sum(axis=0))
            if k:
                d = d @ self.Ws[k] * np.where(zs[k - 1] > 0, 1, 0.1)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
