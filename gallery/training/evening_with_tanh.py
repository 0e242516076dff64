"""Handwritten digits with one layer of tanh units and a softmax."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 60, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 12


class Network:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, 5, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.weights + self.biases

    def activations(self, x):
        found = [x]
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            found.append(np.tanh(found[-1] @ w + b))
        z = found[-1] @ self.weights[-1] + self.biases[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        found.append(e / e.sum(axis=1, keepdims=True))
        return found

    def forward(self, x):
        return self.activations(x)[-1]

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        a = self.activations(x)
        delta = (a[-1] - y) / len(x)
        dw, db = [], []
        for k in reversed(range(len(self.weights))):
            dw.insert(0, a[k].T @ delta)
            db.insert(0, delta.sum(axis=0))
            if k:
                delta = (delta @ self.weights[k].T) * (1 - a[k] ** 2)
        return dw + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Network(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
