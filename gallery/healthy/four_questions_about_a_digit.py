"""Four yes-or-no questions about each digit at once: even, above four, prime, with a closed loop. Sigmoids, BCE."""

import numpy as np
from nnkit.datasets.digits import load

SIZES = (64, 40, 4)
LEARNING_RATE = 1.0
BATCH_SIZE = 32
EPOCHS = 40


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


class MultiLabel:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [
            {"W": rng.normal(0, 1 / np.sqrt(m), (m, n)), "b": np.zeros(n)} for m, n in zip(sizes[:-1], sizes[1:])
        ]

    def parameters(self):
        return [layer[key] for layer in self.layers for key in ("W", "b")]

    def logits(self, x):
        self.a = [x]
        for layer in self.layers[:-1]:
            self.a.append(np.tanh(self.a[-1] @ layer["W"] + layer["b"]))
        return self.a[-1] @ self.layers[-1]["W"] + self.layers[-1]["b"]

    def forward(self, x):
        return sigmoid(self.logits(x))

    def loss(self, x, y):
        z = self.logits(x)
        return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

    def gradients(self, x, y):
        d = (sigmoid(self.logits(x)) - y) / y.size
        grads = []
        for a, layer in zip(reversed(self.a), reversed(self.layers)):
            grads = [a.T @ d, d.sum(axis=0), *grads]
            d = d @ layer["W"].T * (1 - a * a)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return MultiLabel(sizes, seed)


def accuracy(outputs, y):
    return float(np.mean((outputs > 0.5) == (y > 0.5)))


def questions(labels):
    return np.stack(
        [labels % 2 == 0, labels > 4, np.isin(labels, [2, 3, 5, 7]), np.isin(labels, [0, 6, 8, 9])], axis=1
    ).astype(float)


def data():
    d = load()
    return d.x_train.astype(float), questions(d.labels_train), d.x_test.astype(float), questions(d.labels_test)
