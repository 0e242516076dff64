"""An extreme learning machine, trained by steps: the first layer is random and fixed, only the second learns."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 400, 10)
LEARNING_RATE = 0.02
BATCH_SIZE = 32
EPOCHS = 40


class RandomFeatures:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self._projection = rng.normal(0, 2 / np.sqrt(sizes[0]), (sizes[0], sizes[1]))
        self._shift = rng.uniform(-1, 1, sizes[1])
        self.weights = np.zeros((sizes[1], sizes[2]))
        self.bias = np.zeros(sizes[2])

    def parameters(self):
        return [self.weights, self.bias]

    def features(self, x):
        return np.maximum(x @ self._projection + self._shift, 0)

    def forward(self, x):
        z = self.features(x) @ self.weights + self.bias
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log(np.sum(self.forward(x) * y, axis=1) + 1e-12))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        return [self.features(x).T @ d, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        gw, gb = self.gradients(x, y)
        self.weights -= learning_rate * gw
        self.bias -= learning_rate * gb


def build(sizes, seed):
    return RandomFeatures(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
