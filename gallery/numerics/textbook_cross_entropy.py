"""The cross-entropy letter by letter as it stands in the textbook."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


class LogisticNetwork:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def propagate(self, x):
        A = [x.T]
        for W, b in zip(self.W, self.b):
            A.append(sigmoid(W @ A[-1] + b))
        return A

    def forward(self, x):
        return self.propagate(x)[-1].T

    def loss(self, x, y):
        A, Y, m = self.forward(x), y, len(x)
        return -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))

    def gradients(self, x, y):
        A = self.propagate(x)
        dZ = (A[-1] - y.T) / len(x)
        dW, db = [], []
        for k in range(len(self.W) - 1, -1, -1):
            dW.insert(0, dZ @ A[k].T)
            db.insert(0, dZ.sum(axis=1, keepdims=True))
            dZ = self.W[k].T @ dZ * A[k] * (1 - A[k])
        return dW + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return LogisticNetwork(sizes, seed)
