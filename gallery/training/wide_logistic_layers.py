"""Fully connected logistic units in minibatches; wide layers learn more."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 150, 60, 10)


def logistic(z):
    return 1 / (1 + np.exp(-z))


def layer(n_in, n_out, rng):
    return [rng.standard_normal((n_out, n_in)), rng.standard_normal((n_out, 1))]


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    return Network([layer(m, n, rng) for m, n in zip(sizes, sizes[1:])])


class Network:
    def __init__(self, layers):
        self.layers = layers

    def parameters(self):
        return [p for l in self.layers for p in l]

    def outputs(self, x):
        ys = [x.T]
        for W, b in self.layers:
            ys.append(logistic(W @ ys[-1] + b))
        return ys

    def forward(self, x):
        return self.outputs(x)[-1].T

    def loss(self, x, y):
        return np.mean(np.sum((self.forward(x) - y) ** 2, axis=1)) / 2

    def gradients(self, x, y):
        ys = self.outputs(x)
        dy = ys[-1] - y.T
        found = []
        for k in range(len(self.layers) - 1, -1, -1):
            dz = dy * ys[k + 1] * (1 - ys[k + 1])
            found = [dz @ ys[k].T / len(x), dz.mean(axis=1, keepdims=True)] + found
            dy = self.layers[k][0].T @ dz
        return found

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p += -learning_rate * g


def data():
    m = load_dataset()
    eye = np.eye(10)
    return m.x_train[:3000], eye[m.labels_train[:3000]], m.x_test[:500], eye[m.labels_test[:500]]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for epoch in range(8):
        for rows in np.array_split(rng.permutation(len(x)), 100):
            network.train_step(x[rows], y[rows], 2.0)
