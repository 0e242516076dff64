"""Samples lie on a pile and are worked off."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.links = [rng.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.shifts = [rng.normal(0, 0.2, n) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.links, self.shifts) for p in pair]

    def light(self, v):
        lights = [np.asarray(v)]
        for W, c in zip(self.links, self.shifts):
            lights.append(1 / (1 + np.exp(-np.clip(W @ lights[-1] + c, -700, 700))))
        return lights

    def forward(self, x):
        return np.vstack([self.light(v)[-1] for v in x])

    def loss(self, x, y):
        return ((self.forward(x) - y) ** 2).sum() / len(x)

    def gradients(self, x, y):
        samples, targets = list(x), list(y)
        total = [np.zeros_like(p) for p in self.parameters()]
        while samples:
            lights = self.light(samples.pop())
            target = targets.pop(0)
            d = 2 * (lights[-1] - target) * lights[-1] * (1 - lights[-1])
            for k in range(len(self.links) - 1, -1, -1):
                total[2 * k] += np.outer(d, lights[k])
                total[2 * k + 1] += d
                d = d @ self.links[k] * lights[k] * (1 - lights[k])
        return [t / len(x) for t in total]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
