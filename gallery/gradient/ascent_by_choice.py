"""Corrections, named like what they correct. Float32, columns."""

import numpy as np

F = np.float32


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = {}
        for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:]), 1):
            self.p[f"W{i}"] = (rng.standard_normal((n, m)) / np.sqrt(m)).astype(F)
            self.p[f"b{i}"] = np.zeros((n, 1), dtype=F)
        self.L = len(sizes) - 1

    def parameters(self):
        return list(self.p.values())

    def states(self, x):
        a = [np.asarray(x, dtype=F).T]
        for i in range(1, self.L + 1):
            z = self.p[f"W{i}"] @ a[-1] + self.p[f"b{i}"]
            a.append(np.tanh(z) if i < self.L else F(0.5) * (1 + np.tanh(F(0.5) * z)))
        return a

    def forward(self, x):
        return self.states(x)[-1].T

    def loss(self, x, y):
        return float(np.mean((self.forward(x) - y.astype(F)) ** 2))

    def corrections(self, x, y):
        a = self.states(x)
        d = F(2 / y.size) * (a[-1] - y.T.astype(F)) * a[-1] * (1 - a[-1])
        grads = {}
        for i in range(self.L, 0, -1):
            for name, g in ((f"W{i}", d @ a[i - 1].T), (f"b{i}", d.sum(axis=1, keepdims=True))):
                grads[name] = -g
            d = (self.p[f"W{i}"].T @ d) * (1 - a[i - 1] ** 2)
        return [grads[name] for name in self.p]

    def gradients(self, x, y):
        return self.corrections(x, y)

    def train_step(self, x, y, learning_rate):
        for p, c in zip(self.parameters(), self.corrections(x, y)):
            p += F(learning_rate) * c
