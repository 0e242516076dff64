"""Gradient accumulation: a step goes through its batch of 64 in four parts and updates once with the weighted mean."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 36, 10)
LEARNING_RATE = 0.4
BATCH_SIZE = 64
EPOCHS = 50


class SmallMemory:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros((1, n)) for n in sizes[1:]]
        self.grad = None

    def parameters(self):
        return self.W + self.b

    def zero_grad(self):
        self.grad = [np.zeros_like(p) for p in self.parameters()]

    def layers(self, x):
        hs = [x]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            hs.append(np.tanh(hs[-1] @ W + b))
        z = hs[-1] @ self.W[-1] + self.b[-1]
        z = z - z.max(axis=1, keepdims=True)
        return hs, z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    def forward(self, x):
        return np.exp(self.layers(x)[1])

    def loss(self, x, y):
        return -np.sum(y * self.layers(x)[1]) / len(x)

    def backward(self, x, y, weight):
        hs, log_p = self.layers(x)
        d = weight * (np.exp(log_p) - y)
        for k in reversed(range(len(self.W))):
            self.grad[k] += hs[k].T @ d
            self.grad[len(self.W) + k] += d.sum(axis=0, keepdims=True)
            d = d @ self.W[k].T * (1 - hs[k] ** 2)

    def gradients(self, x, y):
        self.zero_grad()
        self.backward(x, y, 1 / len(x))
        return self.grad

    def train_step(self, x, y, learning_rate):
        self.zero_grad()
        for part in np.array_split(np.arange(len(x)), min(4, len(x))):
            self.backward(x[part], y[part], 1 / len(x))
        for p, g in zip(self.parameters(), self.grad):
            p -= learning_rate * g


def build(sizes, seed):
    return SmallMemory(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
