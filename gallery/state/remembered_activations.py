"""Layers remember what went through them, and a wrapper decides when to let something through again."""

import numpy as np


class Dense:
    def __init__(self, m, n, rng):
        self.weight = rng.normal(0, np.sqrt(2 / m), (n, m))
        self.bias = np.zeros(n)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, d):
        self.grads = (d.T @ self.x, d.sum(axis=0))
        return d @ self.weight


class Softplus:
    def forward(self, z):
        self.z = z
        return np.logaddexp(0, z)

    def backward(self, d):
        return d * np.exp(-np.logaddexp(0, -self.z))


class Memo:
    def __init__(self, function):
        self.function = function
        self.known = {}

    def __call__(self, x):
        key = id(x)
        if key not in self.known:
            self.known = {key: (x, self.function(x))}
        return self.known[key][1]


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.dense = [Dense(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]
        self.stack = [part for d in self.dense for part in (d, Softplus())][:-1]
        self.logits = Memo(self.through)

    def parameters(self):
        return [p for d in self.dense for p in (d.weight, d.bias)]

    def through(self, x):
        for part in self.stack:
            x = part.forward(x)
        return x

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.through(x)))

    def loss(self, x, y):
        z = self.through(x)
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        d = (np.exp(-np.logaddexp(0, -self.logits(x))) - y) / y.size
        for part in self.stack[::-1]:
            d = part.backward(d)
        return [g for layer in self.dense for g in layer.grads]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
