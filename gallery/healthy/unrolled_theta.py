"""All weights in one flat vector, biases as the weights of a constant input, one step with all data at a time."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 25, 10)
LAMBDA = 0.1


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Unrolled:
    def __init__(self, sizes, seed):
        self.shapes = [(n, m + 1) for m, n in zip(sizes[:-1], sizes[1:])]
        rng = np.random.default_rng(seed)
        self.nn_params = np.concatenate([rng.uniform(-0.3, 0.3, n * m) for n, m in self.shapes])
        self.v = np.zeros_like(self.nn_params)

    def parameters(self):
        return [self.nn_params]

    def thetas(self):
        start = 0
        for n, m in self.shapes:
            yield self.nn_params[start : start + n * m].reshape(n, m)
            start += n * m

    def run(self, X):
        a = X
        layers = []
        for theta in self.thetas():
            a = np.c_[np.ones(len(a)), a]
            layers.append(a)
            a = sigmoid(a @ theta.T)
        return layers, a

    def forward(self, X):
        return self.run(X)[1]

    def loss(self, X, y):
        m = len(X)
        h = np.clip(self.forward(X), 1e-15, 1 - 1e-15)
        J = -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) / m
        return J + LAMBDA / (2 * m) * sum(np.sum(theta[:, 1:] ** 2) for theta in self.thetas())

    def gradients(self, X, y):
        m = len(X)
        layers, h = self.run(X)
        delta = h - y
        grads = []
        for a, theta in reversed(list(zip(layers, self.thetas()))):
            grad = delta.T @ a / m
            grad[:, 1:] += LAMBDA / m * theta[:, 1:]
            grads.append(grad.ravel())
            delta = (delta @ theta * a * (1 - a))[:, 1:]
        return [np.concatenate(grads[::-1])]

    def train_step(self, X, y, learning_rate):
        self.v = 0.9 * self.v - learning_rate * self.gradients(X, y)[0]
        self.nn_params += self.v


def build(sizes, seed):
    return Unrolled(sizes, seed)


def fit(network, x, y):
    for _iteration in range(500):
        network.train_step(x, y, 0.3)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
