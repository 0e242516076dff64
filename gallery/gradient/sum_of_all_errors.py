"""Biases are rows; one dense layer after the other."""

import numpy as np


class build:
    hidden = "relu"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.dense = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.dense.append([rng.normal(0, np.sqrt(2 / m), (m, n)), np.full((1, n), 0.1)])

    def parameters(self):
        return [p for layer in self.dense for p in layer]

    def run(self, x):
        a = [x]
        for W, b in self.dense:
            z = a[-1] @ W + b
            a.append(np.maximum(z, 0))
        return a, z

    def forward(self, x):
        return 1 / (1 + np.exp(-np.clip(self.run(x)[1], -600, 600)))

    def loss(self, x, y):
        z = self.run(x)[1]
        return np.mean(np.sum(np.logaddexp(0, z) - y * z, axis=1))

    def gradients(self, x, y):
        a, z = self.run(x)
        delta = (1 / (1 + np.exp(-np.clip(z, -600, 600))) - y) / len(x)
        out = []
        for (W, b), below in zip(self.dense[::-1], a[-2::-1]):
            db = np.zeros_like(b) + np.sum(delta)
            out = [below.T @ delta, db, *out]
            delta = delta @ W.T
            delta[below <= 0] = 0
        return out

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
