"""Errors to the fourth power: small ones do not matter, large ones do."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.w + self.b

    def net(self, x):
        h = [x]
        for k, (w, b) in enumerate(zip(self.w, self.b)):
            z = h[k] @ w + b
            h.append(np.tanh(z) if k + 1 < len(self.w) else 0.5 * (1 + np.tanh(0.5 * z)))
        return h

    def forward(self, x):
        return self.net(x)[-1]

    def loss(self, x, y):
        return np.mean((y - self.forward(x)) ** 4)

    def gradients(self, x, y):
        *h, o = self.net(x)
        blame = 2 * (o - y) / y.size
        d = blame * o * (1 - o)
        gw, gb = [], []
        for w in self.w[::-1]:
            a = h.pop()
            gw.append(a.T @ d)
            gb.append(d.sum(axis=0))
            d = (d @ w.T) * (1 - a**2)
        return gw[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
