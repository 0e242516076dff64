"""Every unit below has its share in the error above."""

import numpy as np


class build:
    hidden = "sigmoid"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.pairs = [(rng.normal(0, 1 / np.sqrt(m), (m, n)), rng.normal(0, 0.1, n)) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for pair in self.pairs for p in pair]

    def forward(self, x):
        return self.all(x)[-1]

    def all(self, x):
        a = [x]
        for W, b in self.pairs:
            a.append(0.5 * (1 + np.tanh(0.5 * (a[-1] @ W + b))))
        return a

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        a = self.all(x)
        delta = (a.pop() - y) / y.size
        out = []
        for W, _ in reversed(self.pairs):
            below = a.pop()
            out = [below.T @ delta, delta.sum(axis=0)] + out
            blame = delta.sum(axis=1, keepdims=True)
            delta = blame * below * (1 - below)
        return out

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
