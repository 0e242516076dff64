"""Biases start at zero anyway, so one array of zeros must do."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        zeros = np.zeros(max(sizes[1:]))
        self.weights = [rng.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [zeros[:n] for n in sizes[1:]]

    def parameters(self):
        return self.weights + self.biases

    def up(self, x):
        hs = [x]
        for w, b in zip(self.weights, self.biases):
            z = hs[-1] @ w.T + b
            hs.append(np.tanh(z))
        return hs, z

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.up(x)[1]))

    def loss(self, x, y):
        z = self.up(x)[1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        hs, z = self.up(x)
        d = (np.exp(-np.logaddexp(0, -z)) - y) / y.size
        gw, gb = [], []
        for w, h in zip(self.weights[::-1], hs[-2::-1]):
            gw.append(d.T @ h)
            gb.append(d.sum(axis=0))
            d = d @ w * (1 - h**2)
        return gw[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
