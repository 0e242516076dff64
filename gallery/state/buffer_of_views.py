"""All parameters are views of one buffer, so that saving the network is saving one array."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        pairs = list(zip(sizes[:-1], sizes[1:]))
        self.buffer = rng.normal(0, 0.6, sum(m * n + n for m, n in pairs))
        self.W, self.b = [], []
        offset = 0
        for m, n in pairs:
            self.W.append(self.buffer[offset : offset + m * n].reshape(m, n))
            offset += m * n
            self.b.append(self.buffer[offset : offset + n])

    def parameters(self):
        return [p for pair in zip(self.W, self.b) for p in pair]

    def states(self, x):
        s = [x]
        for W, b in zip(self.W, self.b):
            s.append(0.5 * (1 + np.tanh((s[-1] @ W + b) / 2)))
        return s

    def forward(self, x):
        return self.states(x)[-1]

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x))

    def gradients(self, x, y):
        s = self.states(x)
        d = (s[-1] - y) / len(x)
        grads = []
        for k in range(len(self.W) - 1, -1, -1):
            d = d * s[k + 1] * (1 - s[k + 1])
            grads = [s[k].T @ d, d.sum(axis=0), *grads]
            d = d @ self.W[k].T
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
