"""MNIST with one output: is the digit odd? Sigmoid and cross-entropy, ReLU, momentum, the rate halved now and then."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 64, 1)
BATCH_SIZE = 50
EPOCHS = 8


def LEARNING_RATE(epoch):
    return 0.1 / 2 ** (epoch // 2)


class Binary:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layer1 = {"w": rng.normal(0, np.sqrt(2 / sizes[0]), (sizes[1], sizes[0])), "b": np.zeros(sizes[1])}
        self.layer2 = {"w": rng.normal(0, np.sqrt(2 / sizes[1]), (sizes[2], sizes[1])), "b": np.zeros(sizes[2])}
        self.velocity = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [self.layer1["w"], self.layer1["b"], self.layer2["w"], self.layer2["b"]]

    def logit(self, x):
        self.h = np.maximum(x @ self.layer1["w"].T + self.layer1["b"], 0)
        return self.h @ self.layer2["w"].T + self.layer2["b"]

    def forward(self, x):
        return 0.5 * (1 + np.tanh(self.logit(x) / 2))

    def loss(self, x, y):
        s = self.logit(x)
        return np.mean(np.logaddexp(0, s) - s * y)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        e = d @ self.layer2["w"] * (self.h > 0)
        return [e.T @ x, e.sum(axis=0), d.T @ self.h, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.velocity, self.gradients(x, y)):
            v *= 0.9
            v += g
            p -= learning_rate * v


def build(sizes, seed):
    return Binary(sizes, seed)


def data():
    d = load_dataset(require_mnist=True)
    odd = lambda labels: (labels % 2).astype(float)[:, None]
    return d.x_train[:12000].astype(float), odd(d.labels_train[:12000]), d.x_test.astype(float), odd(d.labels_test)
