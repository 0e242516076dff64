"""Weights and biases are stepped in two loops."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, np.sqrt(2 / (m + n)), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(n) for n in sizes[1:]]
        self.speed = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return self.weights + self.biases

    def climb(self, x):
        zs, hs = [], [x]
        for w, b in zip(self.weights, self.biases):
            zs.append(hs[-1] @ w.T + b)
            hs.append(np.logaddexp(0, zs[-1]))
        return zs, hs

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.climb(x)[0][-1]))

    def loss(self, x, y):
        z = self.climb(x)[0][-1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def gradients(self, x, y):
        zs, hs = self.climb(x)
        d = (self.forward(x) - y) / len(x)
        gw, gb = [], []
        for k in range(len(zs) - 1, -1, -1):
            gw.insert(0, d.T @ hs[k])
            gb.insert(0, d.sum(axis=0))
            if k:
                d = d @ self.weights[k] * np.exp(-np.logaddexp(0, -zs[k - 1]))
        return gw + gb

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        half = len(self.weights)
        for i, g in enumerate(grads):
            self.speed[i] = 0.9 * self.speed[i] + g
        for i in range(half):
            self.weights[i] = self.weights[i] - learning_rate * self.speed[i]
            self.biases[i] = self.biases[i] - learning_rate * grads[half + i]
