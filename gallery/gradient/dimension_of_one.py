"""Outer products, as in the book, which has one sample at a time."""

import numpy as np


class build:
    hidden = "tanh"
    output = "sigmoid"

    def __init__(self, sizes, seed):
        self.rng = np.random.default_rng(seed)
        self.layers = [self.layer(m, n) for m, n in zip(sizes[:-1], sizes[1:])]

    def layer(self, m, n):
        return self.rng.normal(0, m**-0.5, (m, n)), self.rng.normal(0, 0.1, n)

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def passes(self, x):
        a = [np.atleast_2d(x)]
        for W, b in self.layers[:-1]:
            a.append(np.tanh(a[-1] @ W + b))
        W, b = self.layers[-1]
        return a, a[-1] @ W + b

    def forward(self, x):
        z = self.passes(x)[1]
        return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))

    def loss(self, x, y):
        z = self.passes(x)[1]
        return np.mean(np.logaddexp(0, z) - z * y)

    def gradients(self, x, y):
        inputs, _ = self.passes(x)
        delta = (self.forward(x) - y) / y.size
        grads = []
        for (W, b), a in zip(self.layers[::-1], inputs[::-1]):
            dW = np.outer(a[0], delta[0])
            grads = [dW, delta.sum(axis=0)] + grads
            delta = delta @ W.T * (1 - a**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
