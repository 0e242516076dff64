"""Layers as objects, as in a video: each one knows how to go forward, backward and how to learn."""

import numpy as np


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.weights = rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))
        self.biases = rng.normal(0, 0.1, n_out)

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.weights + self.biases

    def backward(self, grad, rate=None):
        self.dweights = self.inputs.T @ grad
        self.dbiases = grad.sum(axis=0)
        if rate is not None:
            self.weights -= rate * self.dweights
            self.biases -= rate * self.dbiases
        return grad @ self.weights.T


class ReLU:
    def forward(self, inputs):
        self.output = np.maximum(0, inputs)
        return self.output

    def backward(self, grad, rate=None):
        return grad


class Softmax:
    def forward(self, inputs):
        if inputs.shape[1] == 1:
            return np.exp(-np.logaddexp(0, -inputs))
        exps = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        return exps / exps.sum(axis=0, keepdims=True)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.hidden, self.loss_function = "relu", "cross_entropy" if sizes[-1] > 1 else "binary_cross_entropy"
        self.output = "softmax" if sizes[-1] > 1 else "sigmoid"
        self.layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            self.layers += [Dense(a, b, rng), ReLU()]
        self.layers.pop()
        self.last = Softmax()

    def dense(self):
        return [layer for layer in self.layers if isinstance(layer, Dense)]

    def parameters(self):
        return [p for layer in self.dense() for p in (layer.weights, layer.biases)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return self.last.forward(x)

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        if y.shape[1] == 1:
            return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        return -np.sum(y * np.log(p)) / len(x)

    def backward(self, x, y, rate=None):
        grad = (self.forward(x) - y) / len(x)
        for layer in reversed(self.layers):
            grad = layer.backward(grad, rate)

    def gradients(self, x, y):
        self.backward(x, y)
        return [g for layer in self.dense() for g in (layer.dweights, layer.dbiases)]

    def train_step(self, x, y, learning_rate):
        self.backward(x, y, learning_rate)
