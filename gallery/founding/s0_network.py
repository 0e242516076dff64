"""Fully connected logistic units, mean squared error, gradients averaged over the minibatch."""

import numpy as np


def logistic(z):
    return 1 / (1 + np.exp(-z))


def logistic_slope(a):
    return a * (1 - a)


class Layer:
    """activation(W x + b): W has one row for each unit, x one column for each case."""

    def __init__(self, inputs, units, rng):
        self.W = rng.standard_normal((units, inputs))
        self.b = rng.standard_normal((units, 1))

    def output(self, x):
        return logistic(self.W @ x + self.b)


class Network:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Layer(m, n, rng) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for layer in self.layers for p in (layer.W, layer.b)]

    def outputs(self, x):
        found = [x.T]
        for layer in self.layers:
            found.append(layer.output(found[-1]))
        return found

    def forward(self, x):
        return self.outputs(x)[-1].T

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        outputs = self.outputs(x)
        cases, width = y.shape
        error = 2 * (outputs[-1] - y.T) / width
        gradients = []
        for k in range(len(self.layers) - 1, -1, -1):
            if k < len(self.layers) - 1:
                error = error * logistic_slope(outputs[k + 1])
            gradients = [error @ outputs[k].T / cases, error.mean(axis=1, keepdims=True), *gradients]
            error = self.layers[k].W.T @ error
        return gradients

    def update(self, gradients, rate):
        for p, g in zip(self.parameters(), gradients):
            p += rate * g

    def train_step(self, x, y, learning_rate):
        self.update(self.gradients(x, y), -learning_rate)


def build(sizes, seed):
    return Network(sizes, seed)
