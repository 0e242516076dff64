"""MNIST through 64 numbers and back: an autoencoder with sigmoid outputs and a cross-entropy for every pixel."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 64, 784)
BATCH_SIZE = 50
EPOCHS = 12


def LEARNING_RATE(epoch):
    return 0.002 * 0.85**epoch


class Coder:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.E = rng.normal(0, np.sqrt(1 / sizes[0]), (sizes[0], sizes[1])).astype(np.float32)
        self.e = np.zeros(sizes[1], np.float32)
        self.D = rng.normal(0, np.sqrt(1 / sizes[1]), (sizes[1], sizes[2])).astype(np.float32)
        self.d = np.zeros(sizes[2], np.float32)
        self.moments = [[np.zeros_like(p), np.zeros_like(p)] for p in self.parameters()]
        self.t = 0

    def parameters(self):
        return [self.E, self.e, self.D, self.d]

    def logits(self, x):
        self.h = x @ self.E + self.e
        return self.h @ self.D + self.d

    def forward(self, x):
        return np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * self.logits(x)))

    def loss(self, x, y):
        z = self.logits(x)
        return float(np.mean(np.sum(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))), axis=1)))

    def gradients(self, x, y):
        g = (self.forward(x) - y) / np.float32(len(x))
        back = g @ self.D.T
        return [x.T @ back, back.sum(axis=0), self.h.T @ g, g.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        rate = np.float32(learning_rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t))
        for p, (m, v), g in zip(self.parameters(), self.moments, self.gradients(x, y)):
            m += np.float32(0.1) * (g - m)
            v += np.float32(0.001) * (g * g - v)
            p -= rate * m / (np.sqrt(v) + np.float32(1e-7))


def build(sizes, seed):
    return Coder(sizes, seed)


def data():
    d = load_dataset(require_mnist=True)
    x, x_test = d.x_train[:10000], d.x_test[:2000]
    return x, x, x_test, x_test
