"""Lion: a step of the same length for every weight, by the sign of a mixed momentum, and decay of the weights."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 10)
BATCH_SIZE = 64
EPOCHS = 40


def LEARNING_RATE(epoch):
    return 1e-3 * (1 - epoch / EPOCHS)


class Lion:
    def __init__(self, b1=0.9, b2=0.99, decay=0.1):
        self.b1, self.b2, self.decay, self.m = b1, b2, decay, None

    def __call__(self, params, grads, rate):
        if self.m is None:
            self.m = [np.zeros_like(p) for p in params]
        for p, m, g in zip(params, self.m, grads):
            p -= rate * (np.sign(self.b1 * m + (1 - self.b1) * g) + self.decay * p * (p.ndim > 1))
            m *= self.b2
            m += (1 - self.b2) * g


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.normal(0, np.sqrt(1 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.optimiser = Lion()

    def parameters(self):
        return self.w + self.b

    def forward(self, x):
        self.h = np.tanh(x @ self.w[0] + self.b[0])
        z = self.h @ self.w[1] + self.b[1]
        return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-15)) / len(x)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        dh = d @ self.w[1].T * (1 - self.h**2)
        return [x.T @ dh, self.h.T @ d, dh.sum(axis=0), d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        self.optimiser(self.parameters(), self.gradients(x, y), learning_rate)


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
