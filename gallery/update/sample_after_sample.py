"""No matrices over the batch: one sample after the other goes up and down, as one would do it by hand."""

import math

import numpy as np


def squash(v):
    return np.array([1 / (1 + math.exp(-t)) if t > -700 else 0.0 for t in v])


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.uniform(-1, 1, (n, m)) for m, n in zip(sizes, sizes[1:])]
        self.b = [rng.uniform(-0.1, 0.1, n) for n in sizes[1:]]

    def parameters(self):
        return self.w + self.b

    def up(self, sample):
        levels = [sample]
        for w, b in zip(self.w, self.b):
            levels.append(squash(w @ levels[-1] + b))
        return levels

    def forward(self, x):
        return np.array([self.up(sample)[-1] for sample in x])

    def loss(self, x, y):
        return sum(float(np.sum((self.up(s)[-1] - t) ** 2)) for s, t in zip(x, y)) / len(x)

    def down(self, sample, target):
        levels = self.up(sample)
        d = 2 * (levels[-1] - target) * levels[-1] * (1 - levels[-1])
        gw, gb = [], []
        for k in range(len(self.w) - 1, -1, -1):
            gw.insert(0, np.outer(d, levels[k]))
            gb.insert(0, d)
            d = (d @ self.w[k]) * levels[k] * (1 - levels[k])
        return gw + gb

    def gradients(self, x, y):
        total = [np.zeros_like(p) for p in self.parameters()]
        for sample, target in zip(x, y):
            for t, g in zip(total, self.down(sample, target)):
                t += g / len(x)
        return total

    def train_step(self, x, y, learning_rate):
        for sample, target in zip(x, y):
            grads = self.down(sample, target)
        for p, g in zip(self.parameters(), grads):
            p -= learning_rate * g
