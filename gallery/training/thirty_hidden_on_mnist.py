"""MNIST, thirty sigmoid units, in the manner of a first tutorial."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 30, 10)
LEARNING_RATE = 3.0
BATCH_SIZE = 10
EPOCHS = 6


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))


class Network(object):
    def __init__(self, sizes, seed=0):
        np.random.seed(seed)
        self.num_layers = len(sizes)
        self.biases = [np.random.rand(1, n) for n in sizes[1:]]
        self.weights = [np.random.rand(m, n) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.biases + self.weights

    def forward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(a, w) + b)
        return a

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights):
            zs.append(np.dot(activations[-1], w) + b)
            activations.append(sigmoid(zs[-1]))
        nabla_b = [None] * len(self.biases)
        nabla_w = [None] * len(self.weights)
        delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1]) / len(x)
        nabla_b[-1] = delta.sum(axis=0, keepdims=True)
        nabla_w[-1] = np.dot(activations[-2].T, delta)
        for l in range(2, self.num_layers):
            s = activations[-l]
            delta = np.dot(delta, self.weights[-l + 1].T) * s * (1 - s)
            nabla_b[-l] = delta.sum(axis=0, keepdims=True)
            nabla_w[-l] = np.dot(activations[-l - 1].T, delta)
        return nabla_b + nabla_w

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Network(sizes, seed)


def data():
    mnist = load_dataset()
    x, t = mnist.x_train[:4000].astype(float), mnist.labels_train[:4000]
    x_test, t_test = mnist.x_test[:1000].astype(float), mnist.labels_test[:1000]
    return x, np.eye(10)[t], x_test, np.eye(10)[t_test]
