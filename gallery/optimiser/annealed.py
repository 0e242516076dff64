"""A rate that is annealed as training goes on."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.uniform(-1, 1, s) * np.sqrt(3 / s[0]) for s in zip(sizes[:-1], sizes[1:])]
        self.bs = [np.zeros((1, n)) for n in sizes[1:]]
        self.temperature = 1.0

    def parameters(self):
        return self.Ws + self.bs

    def hs(self, x):
        found = [x]
        for W, b in zip(self.Ws[:-1], self.bs[:-1]):
            found.append(np.tanh(found[-1] @ W + b))
        return found

    def forward(self, x):
        return 0.5 + 0.5 * np.tanh((self.hs(x)[-1] @ self.Ws[-1] + self.bs[-1]) / 2)

    def loss(self, x, y):
        z = self.hs(x)[-1] @ self.Ws[-1] + self.bs[-1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        hs = self.hs(x)
        d = (self.forward(x) - y) / y.size
        gW, gb = [], []
        for h, W in zip(hs[::-1], self.Ws[::-1]):
            gW.append(h.T @ d)
            gb.append(d.sum(axis=0, keepdims=True))
            d = (1 - h**2) * (d @ W.T)
        return gW[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * self.temperature * g
        self.temperature *= 0.95
