"""Five hidden ReLU layers by He, SGD with momentum, step decay."""

import numpy as np
from nnkit.datasets.dataset import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 64, 64, 64, 64, 64, 10)
BATCH_SIZE = 32
EPOCHS = 30


def LEARNING_RATE(epoch):
    return 0.03 if epoch < 15 else 0.003


def build(sizes, seed):
    return DeepReLU(sizes, np.random.default_rng(seed))


class DeepReLU:
    def __init__(self, sizes, rng):
        self.depth = len(sizes) - 1
        self.theta = {}
        for k in range(self.depth):
            self.theta["W", k] = rng.normal(0, np.sqrt(2 / sizes[k]), (sizes[k], sizes[k + 1]))
            self.theta["b", k] = np.zeros(sizes[k + 1])
        self.velocity = {key: np.zeros_like(p) for key, p in self.theta.items()}

    def parameters(self):
        return list(self.theta.values())

    def _forward(self, x):
        h = {0: x}
        for k in range(self.depth):
            z = h[k] @ self.theta["W", k] + self.theta["b", k]
            h[k + 1] = np.maximum(z, 0) if k < self.depth - 1 else z
        return h

    def forward(self, x):
        return self._forward(x)[self.depth]

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, 1) - (y * z).sum(1))

    def _backward(self, x, y):
        h = self._forward(x)
        z = h[self.depth]
        d = (np.exp(z - np.logaddexp.reduce(z, 1, keepdims=True)) - y) / len(x)
        g = {}
        for k in reversed(range(self.depth)):
            g["W", k], g["b", k] = h[k].T @ d, d.sum(0)
            d = (d @ self.theta["W", k].T) * (h[k] > 0)
        return g

    def gradients(self, x, y):
        g = self._backward(x, y)
        return [g[key] for key in self.theta]

    def train_step(self, x, y, learning_rate):
        g = self._backward(x, y)
        for key in self.theta:
            self.velocity[key] = 0.9 * self.velocity[key] + g[key]
            self.theta[key] -= learning_rate * self.velocity[key]


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
