"""Layers with forward and backward of their own, as bricks; the softmax sits in the loss."""

import numpy as np
from nnkit.datasets.digits import load

SIZES = (64, 48, 32, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 32
EPOCHS = 40


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.w = rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))
        self.b = np.zeros(n_out)

    def params(self):
        return [self.w, self.b]

    def __call__(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, d):
        self.dw, self.db = self.x.T @ d, d.sum(0)
        return d @ self.w.T

    def grads(self):
        return [self.dw, self.db]


class ReLU:
    def params(self):
        return []

    grads = params

    def __call__(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, d):
        return d * self.on


class CrossEntropy:
    def __call__(self, z, y):
        z = z - z.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        self.d = (np.exp(log_p) - y) / len(y)
        return -(y * log_p).sum() / len(y)


class Sequential:
    def __init__(self, *layers):
        self.layers = layers
        self.criterion = CrossEntropy()

    def parameters(self):
        return [p for layer in self.layers for p in layer.params()]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def loss(self, x, y):
        return self.criterion(self.forward(x), y)

    def gradients(self, x, y):
        self.loss(x, y)
        d = self.criterion.d
        for layer in reversed(self.layers):
            d = layer.backward(d)
        return [g for layer in self.layers for g in layer.grads()]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    layers = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        layers += [Dense(m, n, rng), ReLU()]
    return Sequential(*layers[:-1])


def data():
    d = load()
    eye = np.eye(10)
    return d.x_train.astype(float), eye[d.labels_train], d.x_test.astype(float), eye[d.labels_test]
