"""Someone who has just learned zip, and writes every loop with it."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.standard_normal(s) / s[0] ** 0.5 for s in zip(sizes, sizes[1:])]
        self.bs = [np.zeros((1, n)) for n in sizes[1:]]

    def parameters(self):
        return self.Ws + self.bs

    def activations(self, x):
        a = [x]
        for W, b in zip(self.Ws, self.bs):
            a.append(sigmoid(a[-1] @ W + b))
        return a

    def forward(self, x):
        return self.activations(x)[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        a = self.activations(x)
        d = 2 * (a[-1] - y) / y.size * a[-1] * (1 - a[-1])
        gW, gb = [], []
        for W, h in zip(self.Ws[::-1], a[-2::-1]):
            gW.append(h.T @ d)
            gb.append(d.sum(axis=0, keepdims=True))
            d = d @ W.T * h * (1 - h)
        return gW[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p = p - learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
