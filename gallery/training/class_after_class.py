"""MNIST from ten files, one for each digit, read one after the other."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 40, 10)
RATE = 0.1


def files():
    m = load_dataset()
    for digit in range(10):
        yield digit, m.x_train[m.labels_train == digit][:500]


def data():
    images, labels = [], []
    for digit, x in files():
        images.append(x)
        labels += [digit] * len(x)
    m = load_dataset()
    hot = np.eye(10)
    return np.concatenate(images), hot[labels], m.x_test[:1000], hot[m.labels_test[:1000]]


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(0, np.sqrt(1 / sizes[0]), sizes[:2])
        self.W2 = rng.normal(0, np.sqrt(1 / sizes[1]), sizes[1:])
        self.b1, self.b2 = np.zeros(sizes[1]), np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.W2, self.b1, self.b2]

    def forward(self, x):
        z = np.tanh(x @ self.W1 + self.b1) @ self.W2 + self.b2
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-12)) / len(x)

    def gradients(self, x, y):
        h = np.tanh(x @ self.W1 + self.b1)
        d = (self.forward(x) - y) / len(x)
        e = (1 - h * h) * (d @ self.W2.T)
        return [x.T @ e, h.T @ d, e.sum(0), d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def fit(network, x, y):
    order = np.arange(len(x))
    for epoch in range(6):
        for start in range(0, len(x), 25):
            rows = order[start : start + 25]
            network.train_step(x[rows], y[rows], RATE)
