"""Leaky ReLU with a slope of 0.1 in four hidden layers, plain SGD with a rate that is halved now and then."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 40, 40, 40, 10)
BATCH_SIZE = 16
EPOCHS = 24
SLOPE = 0.1


def LEARNING_RATE(epoch):
    return 0.08 * 0.5 ** (epoch // 8)


class LeakyNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.layers.append([rng.normal(0, np.sqrt(2 / (1 + SLOPE**2) / m), (m, n)), np.full(n, 0.01)])

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def forward(self, x):
        self.inputs, self.slopes = [], []
        for i, (W, b) in enumerate(self.layers):
            self.inputs.append(x)
            x = x @ W + b
            if i < len(self.layers) - 1:
                self.slopes.append(np.where(x > 0, 1.0, SLOPE))
                x = x * self.slopes[-1]
        return x

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(z * y, axis=1))

    def gradients(self, x, y):
        z = self.forward(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        grads = []
        for i in range(len(self.layers) - 1, -1, -1):
            grads += [d.sum(0), self.inputs[i].T @ d]
            if i:
                d = d @ self.layers[i][0].T * self.slopes[i - 1]
        return grads[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return LeakyNet(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
