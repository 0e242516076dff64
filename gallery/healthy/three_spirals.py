"""Three spirals, learned with all points at a time, as in a lecture's notes."""

import numpy as np

SIZES = (2, 60, 3)
REG = 1e-4


def build(sizes, seed):
    return SpiralNet(sizes, seed)


class SpiralNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        D, h, K = sizes
        self.W = 0.5 * rng.standard_normal((D, h))
        self.b = np.zeros((1, h))
        self.W2 = 0.1 * rng.standard_normal((h, K))
        self.b2 = np.zeros((1, K))

    def parameters(self):
        return [self.W, self.b, self.W2, self.b2]

    def forward(self, X):
        hidden = np.maximum(0, np.dot(X, self.W) + self.b)
        return np.dot(hidden, self.W2) + self.b2

    def probs(self, X):
        scores = self.forward(X)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def loss(self, X, y):
        data_loss = -np.log(np.sum(self.probs(X) * y, axis=1)).mean()
        return data_loss + 0.5 * REG * (np.sum(self.W**2) + np.sum(self.W2**2))

    def gradients(self, X, y):
        hidden = np.maximum(0, np.dot(X, self.W) + self.b)
        dscores = (self.probs(X) - y) / len(X)
        dW2 = hidden.T @ dscores + REG * self.W2
        db2 = dscores.sum(axis=0, keepdims=True)
        dhidden = dscores @ self.W2.T
        dhidden[hidden <= 0] = 0
        return [X.T @ dhidden + REG * self.W, dhidden.sum(axis=0, keepdims=True), dW2, db2]

    def train_step(self, X, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, y)):
            p += -learning_rate * g


def fit(network, x, y):
    for _ in range(6000):
        network.train_step(x, y, 1.0)


def data():
    rng = np.random.default_rng(0)
    N, K = 100, 3
    X, y = [], []
    for j in range(K):
        r = np.linspace(0.05, 1, N)
        t = np.linspace(j * 4, (j + 1) * 4, N) + rng.standard_normal(N) * 0.15
        X.append(np.c_[r * np.sin(t), r * np.cos(t)])
        y.append(np.tile(np.eye(K)[j], (N, 1)))
    return np.vstack(X), np.vstack(y)
