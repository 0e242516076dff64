"""An autoencoder: 64 pixels through 16 numbers and back, sigmoid at the end, squared error."""

import numpy as np
from nnkit.datasets.digits import load

SIZES = (64, 48, 16, 48, 64)
BATCH_SIZE = 32
EPOCHS = 50


def LEARNING_RATE(epoch):
    return 0.003 if epoch < 35 else 0.0006


class Autoencoder:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, np.sqrt(2 / (m + n)), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.state = [[np.zeros_like(p), np.zeros_like(p)] for p in self.parameters()]
        self.updates = 0

    def parameters(self):
        return self.W + self.b

    def activations(self, x):
        a = [x]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            a.append(np.tanh(a[-1] @ W + b))
        return [*a, 1 / (1 + np.exp(-(a[-1] @ self.W[-1] + self.b[-1])))]

    def forward(self, x):
        return self.activations(x)[-1]

    def loss(self, x, y):
        return np.mean(np.sum((self.forward(x) - y) ** 2, axis=1))

    def gradients(self, x, y):
        a = self.activations(x)
        d = 2 * (a[-1] - y) * a[-1] * (1 - a[-1]) / len(x)
        gW, gb = [], []
        for i in range(len(self.W) - 1, -1, -1):
            gW.insert(0, a[i].T @ d)
            gb.insert(0, d.sum(axis=0))
            d = d @ self.W[i].T * (1 - a[i] ** 2)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        self.updates += 1
        c1, c2 = 1 - 0.9**self.updates, 1 - 0.999**self.updates
        for p, s, g in zip(self.parameters(), self.state, self.gradients(x, y)):
            s[0] = 0.9 * s[0] + 0.1 * g
            s[1] = 0.999 * s[1] + 0.001 * g * g
            p -= learning_rate * (s[0] / c1) / (np.sqrt(s[1] / c2) + 1e-8)


def build(sizes, seed):
    return Autoencoder(sizes, seed)


def data():
    d = load()
    x, x_test = d.x_train.astype(float), d.x_test.astype(float)
    return x, x.copy(), x_test, x_test.copy()
