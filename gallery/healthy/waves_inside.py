"""Sine as the activation: a network of waves that fits a wavy curve."""

import numpy as np

SIZES = (1, 32, 32, 1)
OMEGA = 6.0


def build(sizes, seed):
    return Siren(sizes, seed)


class Siren:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W, self.b = [], []
        for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:])):
            bound = 1 / m if i == 0 else np.sqrt(6 / m) / OMEGA
            self.W.append(rng.uniform(-bound, bound, (m, n)))
            self.b.append(rng.uniform(-bound, bound, n))
        self.m = [np.zeros_like(p) for p in self.parameters()]
        self.v = [np.zeros_like(p) for p in self.parameters()]
        self.t = 0

    def parameters(self):
        return self.W + self.b

    def _all(self, x):
        zs, hs = [], [x]
        for W, b in zip(self.W, self.b):
            zs.append(hs[-1] @ W + b)
            hs.append(np.sin(OMEGA * zs[-1]))
        return zs, hs

    def forward(self, x):
        return self._all(x)[0][-1]

    def loss(self, x, y):
        return float(((self.forward(x) - y) ** 2).mean())

    def gradients(self, x, y):
        zs, hs = self._all(x)
        d = 2 * (zs[-1] - y) / y.size
        gW, gb = [None] * len(zs), [None] * len(zs)
        for i in range(len(zs) - 1, -1, -1):
            gW[i], gb[i] = hs[i].T @ d, d.sum(0)
            if i > 0:
                d = (d @ self.W[i].T) * OMEGA * np.cos(OMEGA * zs[i - 1])
        return gW + gb

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for p, m, v, g in zip(self.parameters(), self.m, self.v, self.gradients(x, y)):
            m += (1 - 0.9) * (g - m)
            v += (1 - 0.99) * (g**2 - v)
            p -= learning_rate * m / (1 - 0.9**self.t) / (np.sqrt(v / (1 - 0.99**self.t)) + 1e-8)


def fit(network, x, y):
    for i in range(1500):
        network.train_step(x, y, 2e-3 * 0.998**i)


def data():
    x = np.linspace(-1, 1, 256)[:, None]
    f = lambda x: np.sin(5 * x) + 0.5 * np.cos(13 * x) + 0.3 * x
    between = x[:-1] + 1 / 256
    return x, f(x), between, f(between)
