"""MNIST with thirty sigmoid units and squared error, rate 3, batches of ten; a third of the images, six rounds."""

import random

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (784, 30, 10)


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


class Network:
    def __init__(self, sizes, seed):
        np_rng = np.random.default_rng(seed)
        self.biases = [np_rng.standard_normal(n) for n in sizes[1:]]
        self.weights = [np_rng.standard_normal((m, n)) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.biases + self.weights

    def forward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(a @ w + b)
        return a

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        hidden = sigmoid(x @ self.weights[0] + self.biases[0])
        out = sigmoid(hidden @ self.weights[1] + self.biases[1])
        d2 = (out - y) * out * (1 - out) / len(x)
        d1 = d2 @ self.weights[1].T * hidden * (1 - hidden)
        return [d1.sum(axis=0), d2.sum(axis=0), x.T @ d1, hidden.T @ d2]

    def train_step(self, x, y, eta):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= eta * g


def build(sizes, seed):
    return Network(sizes, seed)


def fit(network, x, y):
    shuffler = random.Random(1)
    order = list(range(len(x)))
    for _ in range(6):
        shuffler.shuffle(order)
        for k in range(0, len(order), 10):
            rows = order[k : k + 10]
            network.train_step(x[rows], y[rows], 3.0)


def data():
    d = load_dataset(require_mnist=True)
    n = 20000
    return d.x_train[:n].astype(float), one_hot(d.labels_train[:n]), d.x_test.astype(float), one_hot(d.labels_test)
