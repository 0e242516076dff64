"""Loops in place of matrices, since they can be followed with a finger."""

import numpy as np


class build:
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.uniform(-1, 1, (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [rng.uniform(-1, 1, n) for n in sizes[1:]]

    def parameters(self):
        return [*self.weights, *self.biases]

    def fire(self, row):
        acts = [np.array(row, dtype=float)]
        for w, b in zip(self.weights, self.biases):
            acts.append(0.5 + 0.5 * np.tanh(0.5 * (w @ acts[-1] + b)))
        return acts

    def forward(self, x):
        return np.array([self.fire(row)[-1] for row in x])

    def loss(self, x, y):
        return ((self.forward(x) - y) ** 2).sum(axis=1).mean() / 2

    def gradients(self, x, y):
        gw = [np.zeros_like(w) for w in self.weights]
        gb = [np.zeros_like(b) for b in self.biases]
        L = len(self.weights)
        for row, target in zip(x, y):
            acts = self.fire(row)
            delta = [None] * L
            delta[-1] = [(o - t) * o * (1 - o) for o, t in zip(acts[-1], target)]
            for l in range(L - 2, -1, -1):
                delta[l] = []
                for j, a in enumerate(acts[l + 1]):
                    blame = sum(w * d for w, d in zip(self.weights[l][j], delta[l + 1]))
                    delta[l].append(blame * a * (1 - a))
            for l in range(L):
                gw[l] += np.outer(delta[l], acts[l]) / len(x)
                gb[l] += np.array(delta[l]) / len(x)
        return gw + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
