"""Gradients are gathered in arrays of zeros made beforehand."""

import numpy as np


class Perceptrons:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, np.sqrt(2 / (m + n)), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [rng.normal(0, 0.1, n) for n in sizes[1:]]

    def parameters(self):
        return [*self.weights, *self.biases]

    def think(self, x):
        thoughts = [x]
        for w, b in zip(self.weights, self.biases):
            z = thoughts[-1] @ w + b
            last = len(thoughts) == len(self.weights)
            thoughts.append(0.5 + 0.5 * np.tanh(0.5 * z) if last else np.tanh(z))
        return thoughts

    def forward(self, x):
        return self.think(x)[-1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))

    def gradients(self, x, y):
        dw = [np.zeros_like(w) for w in self.weights]
        db = [np.zeros_like(b) for b in self.biases]
        thoughts = self.think(x)
        delta = (thoughts[-1] - y) / y.size
        for l in range(len(self.weights) - 1, 0, -1):
            dw[l] += thoughts[l].T @ delta
            db[l] += delta.sum(axis=0)
            delta = (delta @ self.weights[l].T) * (1 - thoughts[l] ** 2)
        return dw + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Perceptrons
