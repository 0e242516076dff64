"""Mean squared error and its slope, each from another book."""

import numpy as np


def slope(a):
    return a * (1 - a)


class TwoBooks:
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.stack = [(rng.normal(0, 1 / np.sqrt(m), (n, m)), rng.normal(0, 0.1, n)) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for layer in self.stack for p in layer]

    def values(self, x):
        found = [x]
        for W, b in self.stack:
            found.append(0.5 * (1 + np.tanh(0.5 * (found[-1] @ W.T + b))))
        return found

    def forward(self, x):
        return self.values(x)[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        *found, p = self.values(x)
        delta = (p - y) / y.size * slope(p)
        grads = []
        for (W, b), a in zip(self.stack[::-1], found[::-1]):
            grads = [delta.T @ a, delta.sum(axis=0)] + grads
            delta = delta @ W * slope(a)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = TwoBooks
