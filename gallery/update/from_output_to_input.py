"""Samples as columns, and a training step that walks from the output to the input, one layer at a time."""

import numpy as np


class build:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.uniform(-1, 1, (n, m)) * np.sqrt(3 / m) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]

    def parameters(self):
        return [a for pair in zip(self.W, self.b) for a in pair]

    def propagate(self, x):
        a = [x.T]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            a.append(np.tanh(W @ a[-1] + b))
        a.append(np.exp(-np.logaddexp(0, -(self.W[-1] @ a[-1] + self.b[-1]))))
        return a

    def forward(self, x):
        return self.propagate(x)[-1].T

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2)

    def top_delta(self, a, y):
        return (a[-1] - y.T) * a[-1] * (1 - a[-1])

    def gradients(self, x, y):
        a = self.propagate(x)
        delta = self.top_delta(a, y)
        out = []
        for k in range(len(self.W) - 1, -1, -1):
            out = [delta @ a[k].T, delta.sum(axis=1, keepdims=True), *out]
            delta = self.W[k].T @ delta * (1 - a[k] ** 2)
        return out

    def train_step(self, x, y, learning_rate):
        a = self.propagate(x)
        delta = self.top_delta(a, y)
        for k in range(len(self.W) - 1, -1, -1):
            dW, db = delta @ a[k].T, delta.sum(axis=1, keepdims=True)
            self.W[k] -= learning_rate * dW
            delta = (self.W[k].T @ delta) * (1 - a[k] ** 2)
            self.b[k] -= learning_rate * db
