"""One answer for each sample, kept in a vector."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        if sizes[-1] != 1:
            raise ValueError("this network gives one answer: the last size must be 1")
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [rng.normal(0, 0.1, n) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.W, self.b) for p in pair]

    def hidden_values(self, x):
        h = [x]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            h.append(np.tanh(h[-1] @ W + b))
        return h

    def answers(self, h):
        return 1 / (1 + np.exp(-np.clip((h[-1] @ self.W[-1] + self.b[-1]).ravel(), -500, 500)))

    def forward(self, x):
        return self.answers(self.hidden_values(x))[:, None]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        h = self.hidden_values(x)
        answers = self.answers(h)
        error = answers - y
        delta = error.reshape(len(x), -1).sum(axis=1, keepdims=True) / len(x)
        grads = []
        for W, a in zip(self.W[::-1], h[::-1]):
            grads = [a.T @ delta, delta.sum(axis=0)] + grads
            delta = (delta @ W.T) * (1 - a**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
