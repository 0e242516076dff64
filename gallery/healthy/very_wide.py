"""One hidden layer of 800 units for 1,415 images: far more weights than numbers in the data. He, small rate."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 800, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 32
EPOCHS = 25


class Wide:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1 = rng.standard_normal((sizes[0], sizes[1])) * np.sqrt(2 / sizes[0])
        self.b1 = np.zeros(sizes[1])
        self.W2 = rng.standard_normal((sizes[1], sizes[2])) * np.sqrt(2 / sizes[1])
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        self.h = np.maximum(x @ self.W1 + self.b1, 0)
        z = self.h @ self.W2 + self.b2
        e = np.exp(z - z.max(1)[:, None])
        return e / e.sum(1)[:, None]

    def loss(self, x, y):
        return -np.mean(np.log((self.forward(x) * y).sum(1) + 1e-30))

    def gradients(self, x, y):
        dz = (self.forward(x) - y) / x.shape[0]
        dh = (dz @ self.W2.T) * (self.h > 0)
        return [x.T @ dh, dh.sum(0), self.h.T @ dz, dz.sum(0)]

    def train_step(self, x, y, learning_rate):
        g = self.gradients(x, y)
        self.W1 -= learning_rate * g[0]
        self.b1 -= learning_rate * g[1]
        self.W2 -= learning_rate * g[2]
        self.b2 -= learning_rate * g[3]


def build(sizes, seed):
    return Wide(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
