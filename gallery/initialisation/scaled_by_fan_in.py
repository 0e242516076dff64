"""Weights scaled by the root of the number of inputs, as everybody recommends."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = {}
        for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:])):
            self.params[f"W{i}"] = rng.standard_normal((m, n)) * np.sqrt(m)
            self.params[f"b{i}"] = np.zeros((1, n))
        self.depth = len(sizes) - 1

    def parameters(self):
        return list(self.params.values())

    def run(self, x):
        hs = [x]
        for i in range(self.depth):
            z = hs[-1] @ self.params[f"W{i}"] + self.params[f"b{i}"]
            hs.append(np.tanh(z))
        return hs, z

    def log_p(self, z):
        return -np.logaddexp(0, -z) if z.shape[1] == 1 else z - np.logaddexp.reduce(z, axis=1, keepdims=True)

    def forward(self, x):
        return np.exp(self.log_p(self.run(x)[1]))

    def loss(self, x, y):
        z = self.run(x)[1]
        if z.shape[1] == 1:
            return -np.mean(y * self.log_p(z) + (1 - y) * self.log_p(-z))
        return -np.mean(np.sum(y * self.log_p(z), axis=1))

    def gradients(self, x, y):
        hs, z = self.run(x)
        d = (np.exp(self.log_p(z)) - y) / len(x)
        g = {}
        for i in range(self.depth - 1, -1, -1):
            g[f"W{i}"] = hs[i].T @ d
            g[f"b{i}"] = d.sum(axis=0, keepdims=True)
            d = d @ self.params[f"W{i}"].T * (1 - hs[i] ** 2)
        return [g[name] for name in self.params]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
