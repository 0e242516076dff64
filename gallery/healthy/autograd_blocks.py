"""Gradients by the autograd package: only the loss is written down, in its own NumPy; softplus-like mish units."""

import autograd.numpy as anp
import numpy as np
from autograd import grad
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 30


def mish(z):
    return z * anp.tanh(anp.logaddexp(0, z))


def predict(params, x):
    for W, b in params[:-1]:
        x = mish(anp.dot(x, W) + b)
    W, b = params[-1]
    z = anp.dot(x, W) + b
    top = anp.max(z, axis=1, keepdims=True)
    return z - top - anp.log(anp.sum(anp.exp(z - top), axis=1, keepdims=True))


def objective(params, x, y):
    return -anp.mean(anp.sum(y * predict(params, x), axis=1))


slopes = grad(objective)


class AutogradNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = [(rng.normal(0, np.sqrt(2 / m), (m, n)), np.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.moving = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [p for pair in self.params for p in pair]

    def forward(self, x):
        return np.exp(predict(self.params, x))

    def loss(self, x, y):
        return float(objective(self.params, x, y))

    def gradients(self, x, y):
        return [np.array(g) for pair in slopes(self.params, x, y) for g in pair]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.moving, self.gradients(x, y)):
            v *= 0.7
            v += g
            p -= learning_rate * v


def build(sizes, seed):
    return AutogradNet(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
