"""The loss as a loop over the samples, the rest as matrices."""

import numpy as np


class LoopNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.V = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.c = [rng.normal(0, 0.1, (1, n)) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.V, self.c) for p in pair]

    def values(self, x):
        a = [x]
        for V, c in zip(self.V, self.c):
            a.append(1 / (1 + np.exp(-np.clip(a[-1] @ V + c, -700, 700))))
        return a

    def forward(self, x):
        return self.values(x)[-1]

    def loss(self, x, y):
        o = self.forward(x)
        n = len(x)
        total = 0.0
        for i in range(0, n - 1):
            for k in range(0, y.shape[1]):
                total += 0.5 * (o[i, k] - y[i, k]) ** 2
        return total / n

    def gradients(self, x, y):
        a = self.values(x)
        d = (a[-1] - y) * a[-1] * (1 - a[-1]) / len(x)
        grads = []
        for k in range(len(self.V) - 1, -1, -1):
            grads = [a[k].T @ d, d.sum(axis=0, keepdims=True)] + grads
            d = d @ self.V[k].T * a[k] * (1 - a[k])
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return LoopNet(sizes, seed)
