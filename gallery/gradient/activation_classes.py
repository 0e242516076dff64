"""Activations and losses are classes with value and slope, so that all can be combined with all."""

import numpy as np


class Tanh:
    def value(self, z):
        self.a = np.tanh(z)
        return self.a

    def back(self, upstream):
        return upstream * (1 - self.a**2)


class Sigmoid:
    def value(self, z):
        self.p = 0.5 + 0.5 * np.tanh(0.5 * z)
        return self.p

    def back(self, upstream):
        return upstream * self.p * (1 - self.p)


class Softmax:
    def value(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def back(self, upstream):
        return upstream * self.p * (1 - self.p)


class CrossEntropy:
    def value(self, p, y):
        return -np.sum(y * np.log(np.maximum(p, 1e-300))) / len(p)

    def slope(self, p, y):
        return -y / np.maximum(p, 1e-300) / len(p)


class BinaryCrossEntropy:
    def value(self, p, y):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def slope(self, p, y):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return (p - y) / (p * (1 - p)) / p.size


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, m**-0.5, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((1, n)) for n in sizes[1:]]
        self.f = [Tanh() for _ in sizes[2:]] + [Sigmoid() if sizes[-1] == 1 else Softmax()]
        self.cost = BinaryCrossEntropy() if sizes[-1] == 1 else CrossEntropy()

    def parameters(self):
        return [p for pair in zip(self.W, self.b) for p in pair]

    def forward(self, x):
        self.a = []
        for W, b, f in zip(self.W, self.b, self.f):
            self.a.append(x)
            x = f.value(x @ W + b)
        return x

    def loss(self, x, y):
        return self.cost.value(self.forward(x), y)

    def gradients(self, x, y):
        upstream = self.cost.slope(self.forward(x), y)
        grads = []
        for W, a, f in zip(self.W[::-1], self.a[::-1], self.f[::-1]):
            dz = f.back(upstream)
            grads = [a.T @ dz, dz.sum(axis=0, keepdims=True)] + grads
            upstream = dz @ W.T
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
