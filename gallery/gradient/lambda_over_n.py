"""Coefficients and intercepts, alpha for the strength of the penalty."""

import numpy as np


class build:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.alpha = 0.02
        self.coefs = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.intercepts = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.coefs + self.intercepts

    def activations(self, x):
        a = [x]
        for W, b in zip(self.coefs, self.intercepts):
            z = a[-1] @ W + b
            a.append(np.tanh(z))
        a[-1] = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
        return a

    def forward(self, x):
        return self.activations(x)[-1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        data = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / len(x)
        return data + 0.5 * self.alpha / len(x) * sum((W * W).sum() for W in self.coefs)

    def gradients(self, x, y):
        a = self.activations(x)
        delta = (a[-1] - y) / len(x)
        dW, db = [], []
        for i in range(len(self.coefs) - 1, -1, -1):
            dW.insert(0, a[i].T @ delta + self.alpha * self.coefs[i])
            db.insert(0, delta.sum(axis=0))
            delta = (delta @ self.coefs[i].T) * (1 - a[i] ** 2)
        return dW + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
