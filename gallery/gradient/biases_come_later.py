"""Output layer first, then the others in a loop, as in the derivation."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.L = len(sizes) - 1
        self.p = {}
        for l in range(1, self.L + 1):
            self.p["W", l] = rng.normal(0, 1 / np.sqrt(sizes[l - 1]), (sizes[l], sizes[l - 1]))
            self.p["b", l] = np.zeros((sizes[l], 1))

    def parameters(self):
        return list(self.p.values())

    def layers(self, x):
        a = [x.T]
        for l in range(1, self.L + 1):
            a.append(0.5 * (1 + np.tanh((self.p["W", l] @ a[-1] + self.p["b", l]) / 2)))
        return a

    def forward(self, x):
        return self.layers(x)[-1].T

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x))

    def gradients(self, x, y):
        a, L = self.layers(x), self.L
        nabla = {key: np.zeros(p.shape) for key, p in self.p.items()}
        d = (a[L] - y.T) * a[L] * (1 - a[L]) / len(x)
        nabla["W", L] = np.dot(d, a[L - 1].T)
        for l in range(L - 1, 0, -1):
            d = np.dot(self.p["W", l + 1].T, d) * a[l] * (1 - a[l])
            nabla["W", l] = np.dot(d, a[l - 1].T)
            nabla["b", l] = d.sum(axis=1, keepdims=True)
        return list(nabla.values())

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
