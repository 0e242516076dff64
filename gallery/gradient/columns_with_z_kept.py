"""Only z is kept of the way up, to save memory; columns are samples."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.net = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.net.append({"W": rng.normal(0, 1 / np.sqrt(m), (n, m)), "b": rng.normal(0, 0.1, (n, 1))})

    def parameters(self):
        return [layer["W"] for layer in self.net] + [layer["b"] for layer in self.net]

    def sums(self, X):
        Z = []
        for layer in self.net:
            Z.append(layer["W"] @ X + layer["b"])
            X = np.tanh(Z[-1])
        return Z

    def forward(self, x):
        return (1 / (1 + np.exp(-np.clip(self.sums(x.T)[-1], -500, 500)))).T

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        X, Z = x.T, self.sums(x.T)
        P = 1 / (1 + np.exp(-np.clip(Z[-1], -500, 500)))
        D = 2 * (P - y.T) * P * (1 - P) / y.size
        dW, db = [], []
        for l in range(len(self.net) - 1, -1, -1):
            below = X if l == 0 else Z[l - 1]
            dW.insert(0, D @ below.T)
            db.insert(0, D.sum(axis=1, keepdims=True))
            if l > 0:
                D = (self.net[l]["W"].T @ D) * (1 - np.tanh(Z[l - 1]) ** 2)
        return dW + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
