"""Adam with decoupled decay for the matrices; softplus units."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.net = [(rng.normal(0, 1 / np.sqrt(m), (m, n)), np.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.first = [np.zeros_like(p) for p in self.parameters()]
        self.second = [np.zeros_like(p) for p in self.parameters()]
        self.steps = 0
        self.weight_decay = 0.01

    def parameters(self):
        return [p for layer in self.net for p in layer]

    def sums(self, x):
        zs = []
        for W, b in self.net:
            zs.append((np.logaddexp(0, zs[-1]) if zs else x) @ W + b)
        return zs

    def forward(self, x):
        z = self.sums(x)[-1]
        if z.shape[1] == 1:
            return np.exp(-np.logaddexp(0, -z))
        return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))

    def loss(self, x, y):
        z = self.sums(x)[-1]
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(0, z) - y * z)
        return np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(y * z, axis=1))

    def gradients(self, x, y):
        zs = self.sums(x)
        delta = (self.forward(x) - y) / len(x)
        grads = []
        for k in range(len(zs) - 1, -1, -1):
            grads = [(np.logaddexp(0, zs[k - 1]) if k else x).T @ delta, delta.sum(axis=0), *grads]
            if k:
                delta = delta @ self.net[k][0].T * np.exp(-np.logaddexp(0, -zs[k - 1]))
        return grads

    def train_step(self, x, y, learning_rate):
        self.steps += 1
        for p, g, m, v in zip(self.parameters(), self.gradients(x, y), self.first, self.second):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            step = m / (1 - 0.9**self.steps) / (np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8)
            if p.ndim == 2:
                p *= 1 - self.weight_decay
            p -= learning_rate * step
