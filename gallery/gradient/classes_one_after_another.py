"""Each class in its turn sends its error down."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [(rng.normal(0, 1 / np.sqrt(m), (m, n)), np.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.softmax = sizes[-1] > 1

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def go(self, x):
        a = [x]
        for W, b in self.layers[:-1]:
            a.append(np.tanh(a[-1] @ W + b))
        W, b = self.layers[-1]
        z = a[-1] @ W + b
        if not self.softmax:
            return a, np.exp(-np.logaddexp(0, -z))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return a, e / e.sum(axis=1, keepdims=True)

    def forward(self, x):
        return self.go(x)[1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        if self.softmax:
            return -(y * np.log(p)).sum(axis=1).mean()
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()

    def gradients(self, x, y):
        a, p = self.go(x)
        delta = (p - y) / len(x)
        grads = []
        for (W, b), below in zip(self.layers[::-1], a[::-1]):
            grads = [below.T @ delta, delta.sum(axis=0)] + grads
            error = np.zeros_like(below)
            for k in range(delta.shape[1]):
                error = W[:, k : k + 1].T * delta[:, k : k + 1]
            delta = error * (1 - below**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
