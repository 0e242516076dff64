"""No NumPy inside a neuron: each cell sums by itself and asks the module math."""

import math

import numpy as np


def fire(v):
    return 1 / (1 + math.exp(-v))


class build:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.cells = [[rng.normal(0, 1, m + 1) / m**0.5 for _ in range(n)] for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return [cell for layer in self.cells for cell in layer]

    def answer(self, sample):
        levels = [list(sample)]
        for layer in self.cells:
            below = [*levels[-1], 1.0]
            levels.append([fire(float(np.dot(cell, below))) for cell in layer])
        return levels

    def forward(self, x):
        return np.array([self.answer(sample)[-1] for sample in x])

    def loss(self, x, y):
        return 0.5 * float(np.mean(np.sum((self.forward(x) - y) ** 2, axis=1)))

    def gradients(self, x, y):
        total = [[np.zeros_like(cell) for cell in layer] for layer in self.cells]
        for sample, target in zip(x, y):
            levels = self.answer(sample)
            blame = [(o - t) / len(x) for o, t in zip(levels[-1], target)]
            for k in range(len(self.cells) - 1, -1, -1):
                delta = [e * o * (1 - o) for e, o in zip(blame, levels[k + 1])]
                below = np.array([*levels[k], 1.0])
                for slot, d in zip(total[k], delta):
                    slot += d * below
                blame = sum(d * cell for d, cell in zip(delta, self.cells[k]))[:-1]
        return [slot for layer in total for slot in layer]

    def train_step(self, x, y, learning_rate):
        for cell, g in zip(self.parameters(), self.gradients(x, y)):
            cell -= learning_rate * g
