"""Loops as they stood in an old program, which counted from 1."""

import numpy as np


class build:
    output = "sigmoid"
    hidden = "sigmoid"

    def __init__(self, sizes, seed):
        self.sizes = sizes
        rng = np.random.default_rng(seed)
        self.W = [rng.uniform(-1, 1, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.B = [rng.uniform(-0.3, 0.3, n) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.W, self.B) for p in pair]

    def layer(self, k, a):
        m, n = self.sizes[k], self.sizes[k + 1]
        z = np.empty((len(a), n))
        for j in range(0, n):
            z[:, j] = self.B[k][j]
            for i in range(1, m):
                z[:, j] += self.W[k][i, j] * a[:, i]
        return 1.0 / (1.0 + np.exp(-np.clip(z, -700.0, 700.0)))

    def all_layers(self, x):
        a = [x]
        for k in range(len(self.W)):
            a.append(self.layer(k, a[k]))
        return a

    def forward(self, x):
        return self.all_layers(x)[-1]

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        a = self.all_layers(x)
        d = (a[-1] - y) * a[-1] * (1.0 - a[-1])
        g = []
        for k in range(len(self.W) - 1, -1, -1):
            g = [a[k].T @ d, d.sum(axis=0)] + g
            d = (d @ self.W[k].T) * a[k] * (1.0 - a[k])
        return g

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
