"""Grown from one output to several; sigmoids and cross-entropy."""

import numpy as np


class Grown:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = {k: rng.normal(0, 1.5 / np.sqrt(m), (m, n)) for k, (m, n) in enumerate(zip(sizes, sizes[1:]))}
        self.biases = {k: rng.normal(0, 0.1, n) for k, n in enumerate(sizes[1:])}

    def parameters(self):
        return [p for k in self.weights for p in (self.weights[k], self.biases[k])]

    def run(self, x):
        a = {0: x}
        for k in self.weights:
            a[k + 1] = 1 / (1 + np.exp(-np.clip(a[k] @ self.weights[k] + self.biases[k], -600, 600)))
        return a

    def forward(self, x):
        return self.run(x)[len(self.weights)]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / len(x)

    def gradients(self, x, y):
        a = self.run(x)
        delta = (a[len(self.weights)] - y) / len(x)
        found = []
        for k in sorted(self.weights, reverse=True):
            W = self.weights[k]
            found = [a[k].T @ delta, delta.sum(axis=0)] + found
            down = np.outer(delta[:, 0], W[:, 0])
            delta = down * a[k] * (1 - a[k])
        return found

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Grown
