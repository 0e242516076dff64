"""Einsum, because it says what is summed."""

import numpy as np


class Einstein:
    hidden = "tanh"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, i**-0.5, (i, o)) for i, o in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(o) for o in sizes[1:]]

    def parameters(self):
        return self.b + self.W

    def stages(self, x):
        a = [x]
        for W, b in zip(self.W, self.b):
            z = np.einsum("ni,io->no", a[-1], W) + b
            a.append(np.tanh(z))
        return a[:-1], z

    def forward(self, x):
        _, z = self.stages(x)
        return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))

    def loss(self, x, y):
        _, z = self.stages(x)
        return np.einsum("no->", np.logaddexp(0, z) - y * z) / len(x)

    def gradients(self, x, y):
        stages, _ = self.stages(x)
        m = len(x)
        delta = (self.forward(x) - y) / m
        gW, gb = [], []
        for W, a in zip(self.W[::-1], stages[::-1]):
            dW = np.einsum("ni,no->io", a, delta) / m
            gW.insert(0, dW)
            gb.insert(0, np.einsum("no->o", delta))
            delta = np.einsum("no,io->ni", delta, W) * (1 - a**2)
        return gb + gW

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Einstein
