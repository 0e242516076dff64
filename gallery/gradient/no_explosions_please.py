"""After a bad experience with explosions."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bs = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [p for W, b in zip(self.Ws, self.bs) for p in (W, b)]

    def steps(self, x):
        xs = []
        for W, b in zip(self.Ws, self.bs):
            xs.append(x)
            z = x @ W + b
            x = np.tanh(z)
        return xs, z

    def forward(self, x):
        return 0.5 + 0.5 * np.tanh(0.5 * self.steps(x)[1])

    def loss(self, x, y):
        z = self.steps(x)[1]
        return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))

    def gradients(self, x, y):
        xs, z = self.steps(x)
        d = (self.forward(x) - y) / y.size
        grads = []
        for W, a in zip(self.Ws[::-1], xs[::-1]):
            grads = [a.T @ d, d.sum(axis=0)] + grads
            d = (d @ W.T) * (1 - a**2)
        return [np.clip(g, -0.05, 0.05) for g in grads]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
