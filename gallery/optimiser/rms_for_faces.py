"""From a project that generates faces: leaky ReLU, RMSProp."""

import numpy as np

SLOPE = 0.2


def leaky(z):
    return np.maximum(z, SLOPE * z)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.kernel = [rng.normal(0, 0.5 * np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.offset = [np.zeros(n) for n in sizes[1:]]
        self.mean_square = [np.zeros_like(p) for p in self.parameters()]
        self.decay = 0.9

    def parameters(self):
        return self.kernel + self.offset

    def layers(self, x):
        zs = []
        for K, o in zip(self.kernel, self.offset):
            zs.append((leaky(zs[-1]) if zs else x) @ K + o)
        return zs

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.layers(x)[-1]))

    def loss(self, x, y):
        z = self.layers(x)[-1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(z)

    def gradients(self, x, y):
        zs = self.layers(x)
        d = (np.exp(-np.logaddexp(0, -zs[-1])) - y) / len(x)
        gk, go = [], []
        for k in range(len(zs) - 1, 0, -1):
            gk.append(leaky(zs[k - 1]).T @ d)
            go.append(d.sum(axis=0))
            d = (d @ self.kernel[k].T) * np.where(zs[k - 1] > 0, 1, SLOPE)
        return [x.T @ d, *gk[::-1], d.sum(axis=0), *go[::-1]]

    def train_step(self, x, y, learning_rate):
        for p, g, s in zip(self.parameters(), self.gradients(x, y), self.mean_square):
            s[...] = (1 - self.decay) * s + self.decay * g**2
            p -= learning_rate * g / np.sqrt(s + 1e-8)
