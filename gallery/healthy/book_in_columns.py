"""The network of a well-known online book, one column per image, squared error, mini-batches of ten."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 30, 10)
LEARNING_RATE = 3.0
BATCH_SIZE = 10
EPOCHS = 40


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class Network:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.num_layers = len(sizes)
        self.biases = [rng.standard_normal((n, 1)) for n in sizes[1:]]
        self.weights = [rng.standard_normal((n, m)) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.weights + self.biases

    def feedforward(self, a):
        activations = [a]
        for b, w in zip(self.biases, self.weights):
            activations.append(sigmoid(w @ activations[-1] + b))
        return activations

    def forward(self, x):
        return self.feedforward(x.T)[-1].T

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        n = len(x)
        activations = self.feedforward(x.T)
        nabla_b = [None] * len(self.biases)
        nabla_w = [None] * len(self.weights)
        a = activations[-1]
        delta = (a - y.T) * a * (1 - a)
        for l in range(1, self.num_layers):
            nabla_b[-l] = delta.sum(axis=1, keepdims=True) / n
            nabla_w[-l] = delta @ activations[-l - 1].T / n
            if l < self.num_layers - 1:
                a = activations[-l - 1]
                delta = (self.weights[-l].T @ delta) * a * (1 - a)
        return nabla_w + nabla_b

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Network(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
