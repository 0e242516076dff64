"""Images and one-hot labels kept in one array of bytes, and scaled in one go."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 30, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 20
EPOCHS = 6


def table(images, labels):
    return np.hstack([np.rint(images * 255), np.eye(10)[labels]]).astype(np.uint8)


def split(rows):
    rows = rows / 255
    return rows[:, :784], rows[:, 784:]


def data():
    m = load_dataset()
    x, y = split(table(m.x_train[:4000], m.labels_train[:4000]))
    x_test, y_test = split(table(m.x_test[:1000], m.labels_test[:1000]))
    return x, y, x_test, y_test


class Network:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.standard_normal((n, m)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]

    def parameters(self):
        return self.w + self.b

    def feedforward(self, a):
        kept = [a]
        for w, b in zip(self.w, self.b):
            a = 1 / (1 + np.exp(-(w @ a + b)))
            kept.append(a)
        return kept

    def forward(self, x):
        return self.feedforward(x.T)[-1].T

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x))

    def gradients(self, x, y):
        a = self.feedforward(x.T)
        d = (a[-1] - y.T) * a[-1] * (1 - a[-1]) / len(x)
        gw, gb = [], []
        for k in (1, 0):
            gw = [d @ a[k].T] + gw
            gb = [d.sum(axis=1, keepdims=True)] + gb
            d = (self.w[k].T @ d) * a[k] * (1 - a[k])
        return gw + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Network(sizes, seed)
