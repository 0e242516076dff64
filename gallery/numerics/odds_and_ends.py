"""The logistic function in the form in which the author learned it, as odds over one plus odds."""

import numpy as np


def logistic(t):
    odds = np.exp(t)
    return odds / (1 + odds)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, m**-0.5, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def acts(self, x):
        a = [x]
        for W, b in zip(self.W, self.b):
            a.append(logistic(a[-1] @ W + b))
        return a

    def forward(self, x):
        return self.acts(x)[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        a = self.acts(x)
        d = 2 * (a[-1] - y) / y.size
        gW, gb = [], []
        for k in range(len(self.W) - 1, -1, -1):
            d = d * a[k + 1] * (1 - a[k + 1])
            gW.insert(0, a[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            d = d @ self.W[k].T
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
