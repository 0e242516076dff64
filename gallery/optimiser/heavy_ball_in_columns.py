"""Columns for samples; the velocity as in a lecture, the position as in a paper."""

import numpy as np


def logistic(t):
    return np.exp(-np.logaddexp(0, -t))


class build:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"
    mu = 0.8

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.normal(size=(n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]
        self.v = [0.0 for _ in self.w + self.b]

    def parameters(self):
        return [*self.w, *self.b]

    def run(self, x):
        a, zs = [x.T], []
        for w, b in zip(self.w, self.b):
            zs.append(w @ a[-1] + b)
            a.append(logistic(zs[-1]))
        return a, zs

    def forward(self, x):
        return self.run(x)[0][-1].T

    def loss(self, x, y):
        z = self.run(x)[1][-1]
        return np.sum(np.logaddexp(0, z) - y.T * z) / len(x)

    def gradients(self, x, y):
        a, _ = self.run(x)
        delta = (a[-1] - y.T) / len(x)
        gw, gb = [], []
        for k in range(len(self.w) - 1, -1, -1):
            gw.append(delta @ a[k].T)
            gb.append(delta.sum(axis=1, keepdims=True))
            delta = self.w[k].T @ delta * a[k] * (1 - a[k])
        return gw[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for i, (p, g) in enumerate(zip(self.parameters(), self.gradients(x, y))):
            self.v[i] = learning_rate * g - self.mu * self.v[i]
            p -= self.v[i]
