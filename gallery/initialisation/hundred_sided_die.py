"""Weights drawn like numbers in a lottery."""

import numpy as np


class build:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        low, high = -50, 50
        self.weights = [rng.uniform(low, high, (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [rng.uniform(-1, 1, (n, 1)) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.weights, self.biases) for p in pair]

    def run(self, x):
        a = [x.T]
        for w, b in zip(self.weights, self.biases):
            a.append(0.5 + 0.5 * np.tanh((w @ a[-1] + b) / 2))
        return a

    def forward(self, x):
        return self.run(x)[-1].T

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x))

    def gradients(self, x, y):
        a = self.run(x)
        d = (a[-1] - y.T) / len(x)
        found = []
        for k in range(len(self.weights) - 1, -1, -1):
            d = d * a[k + 1] * (1 - a[k + 1])
            found = [d @ a[k].T, d.sum(axis=1, keepdims=True), *found]
            d = self.weights[k].T @ d
        return found

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
