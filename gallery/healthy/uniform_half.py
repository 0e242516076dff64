"""Weights and biases uniform between -0.5 and 0.5, sigmoid everywhere, rate that falls as one over time."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 30, 10)


def fit(network, x, y):
    rng = np.random.default_rng(2024)
    t = 0
    for _epoch in range(60):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 20):
            rows = order[i : i + 20]
            network.train_step(x[rows], y[rows], 12.0 / (1 + t / 2000))
            t += 1


class Perceptrons:
    def __init__(self, n_in, n_hidden, n_out, seed):
        rng = np.random.RandomState(seed)
        u = lambda *shape: rng.uniform(-0.5, 0.5, shape)
        self.w_ih, self.b_h = u(n_in, n_hidden), u(1, n_hidden)
        self.w_ho, self.b_o = u(n_hidden, n_out), u(1, n_out)

    def parameters(self):
        return [self.w_ih, self.b_h, self.w_ho, self.b_o]

    @staticmethod
    def logistic(z):
        return 1 / (1 + np.exp(-z))

    def forward(self, x):
        self.hidden = self.logistic(x @ self.w_ih + self.b_h)
        return self.logistic(self.hidden @ self.w_ho + self.b_o)

    def loss(self, x, y):
        return np.mean((y - self.forward(x)) ** 2)

    def gradients(self, x, y):
        out = self.forward(x)
        delta_o = 2 / y.size * (out - y) * out * (1 - out)
        delta_h = delta_o @ self.w_ho.T * self.hidden * (1 - self.hidden)
        return [x.T @ delta_h, delta_h.sum(0, keepdims=True), self.hidden.T @ delta_o, delta_o.sum(0, keepdims=True)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Perceptrons(*sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
