"""Bricks that add up the slopes of what passes through them, to be put together in any shape."""

import numpy as np


class Brick:
    def parameters(self):
        return []

    def slopes(self):
        return []


class Matrix(Brick):
    def __init__(self, m, n, rng):
        self.W, self.b = rng.normal(0, m**-0.5, (m, n)), np.zeros(n)
        self.zero()

    def zero(self):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def parameters(self):
        return [self.W, self.b]

    def slopes(self):
        return [self.dW.copy(), self.db.copy()]

    def forth(self, x):
        self.x = x
        return x @ self.W + self.b

    def back(self, d):
        self.dW += self.x.T @ d
        self.db += d.sum(axis=0)
        return d @ self.W.T


class Squash(Brick):
    def forth(self, x):
        self.s = 0.5 * (1 + np.tanh(x / 2))
        return self.s

    def back(self, d):
        return d * self.s * (1 - self.s)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.matrices = [Matrix(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bricks = [brick for matrix in self.matrices for brick in (matrix, Squash())]

    def parameters(self):
        return [p for brick in self.bricks for p in brick.parameters()]

    def forward(self, x):
        for brick in self.bricks:
            x = brick.forth(x)
        return x

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        d = 2 * (self.forward(x) - y) / len(x)
        for brick in reversed(self.bricks):
            d = brick.back(d)
        return [g for brick in self.bricks for g in brick.slopes()]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
