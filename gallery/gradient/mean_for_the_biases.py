"""Short and in one piece."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        g = np.random.default_rng(seed)
        self.P = [q for m, n in zip(sizes, sizes[1:]) for q in (g.normal(size=(m, n)) * m**-0.5, g.normal(size=n) / 9)]

    def parameters(self):
        return self.P

    def A(self, x):
        A = [x]
        for W, b in zip(self.P[::2], self.P[1::2]):
            A.append(1 / (1 + np.exp(-np.clip(A[-1] @ W + b, -600, 600))))
        return A

    def forward(self, x):
        return self.A(x)[-1]

    def loss(self, x, y):
        return ((self.A(x)[-1] - y) ** 2).sum(1).mean()

    def gradients(self, x, y):
        A = self.A(x)
        delta = 2 * (A[-1] - y) * A[-1] * (1 - A[-1]) / len(x)
        G = []
        for W, a in zip(self.P[-2::-2], A[-2::-1]):
            G = [a.T @ delta, delta.mean(axis=0)] + G
            delta = delta @ W.T * a * (1 - a)
        return G

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.P, self.gradients(x, y)):
            p -= learning_rate * g
