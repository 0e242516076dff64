"""Images in one file, labels in another, the first line of each being a header."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 20
EPOCHS = 15


def image_file(images):
    lines = ["pixels"]
    lines += [",".join(str(int(p)) for p in image) for image in 16 * images]
    return lines


def label_file(labels):
    return ["label"] + [str(k) for k in labels]


def load(images, labels):
    x = np.array([line.split(",") for line in image_file(images)[1:]], dtype=float) / 16
    t = np.array(label_file(labels)[2:], dtype=int)
    n = min(len(x), len(t))
    return x[:n], np.eye(10)[t[:n]]


def data():
    d = digits.load()
    return *load(d.x_train, d.labels_train), *load(d.x_test, d.labels_test)


class Sigmoid:
    def __init__(self, m, n, rng):
        self.w = rng.normal(0, 1 / np.sqrt(m), (m, n))
        self.b = np.zeros(n)

    def forward(self, x):
        self.x = x
        self.a = 1 / (1 + np.exp(-(x @ self.w + self.b)))
        return self.a

    def backward(self, d):
        self.gw, self.gb = self.x.T @ d, d.sum(0)
        return d @ self.w.T


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Sigmoid(m, n, rng) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for l in self.layers for p in (l.w, l.b)]

    def forward(self, x):
        for l in self.layers:
            x = l.forward(x)
        return x

    def loss(self, x, y):
        p = self.forward(x).clip(1e-12, 1 - 1e-12)
        return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / len(x)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        for l in self.layers[::-1]:
            d = l.backward(d)
            d = d * l.x * (1 - l.x)
        return [g for l in self.layers for g in (l.gw, l.gb)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
