"""A home-made activation, z / (1 + |z|), at all hidden layers; momentum; a sum of squares over softmax-free outputs."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 60, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 25
EPOCHS = 40


class Squash:
    def f(self, z):
        return z / (1 + abs(z))

    def df(self, z):
        return 1 / (1 + abs(z)) ** 2


class Linear:
    def f(self, z):
        return z

    def df(self, z):
        return np.ones_like(z)


class Layer:
    def __init__(self, inputs, outputs, act, rng):
        self.weight = rng.uniform(-1, 1, (outputs, inputs)) * np.sqrt(3 / inputs)
        self.bias = np.zeros(outputs)
        self.act = act
        self.dw = np.zeros_like(self.weight)
        self.db = np.zeros_like(self.bias)
        self.vw = np.zeros_like(self.weight)
        self.vb = np.zeros_like(self.bias)

    def go(self, x):
        self.x = x
        self.z = x @ self.weight.T + self.bias
        return self.act.f(self.z)

    def back(self, grad):
        grad = grad * self.act.df(self.z)
        self.dw = grad.T @ self.x
        self.db = grad.sum(axis=0)
        return grad @ self.weight


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        last = len(sizes) - 2
        self.layers = [
            Layer(m, n, Linear() if i == last else Squash(), rng) for i, (m, n) in enumerate(zip(sizes, sizes[1:]))
        ]

    def parameters(self):
        return [a for l in self.layers for a in (l.weight, l.bias)]

    def forward(self, x):
        for l in self.layers:
            x = l.go(x)
        return x

    def loss(self, x, y):
        return ((self.forward(x) - y) ** 2).sum(axis=1).mean()

    def gradients(self, x, y):
        g = 2 * (self.forward(x) - y) / len(x)
        for l in self.layers[::-1]:
            g = l.back(g)
        return [a for l in self.layers for a in (l.dw, l.db)]

    def train_step(self, x, y, learning_rate):
        self.gradients(x, y)
        for l in self.layers:
            l.vw = 0.8 * l.vw - learning_rate * l.dw
            l.vb = 0.8 * l.vb - learning_rate * l.db
            l.weight += l.vw
            l.bias += l.vb


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = load()
    return d.x_train * 1.0, one_hot(d.labels_train), d.x_test * 1.0, one_hot(d.labels_test)
