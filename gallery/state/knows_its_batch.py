"""Looks at the first batch to learn what to expect."""

import numpy as np


class build:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]
        self.m = None

    def parameters(self):
        return self.w + self.b

    def acts(self, x):
        a = [x.T]
        for w, b in zip(self.w, self.b):
            a.append(0.5 * (1 + np.tanh((w @ a[-1] + b) / 2)))
        return a

    def forward(self, x):
        return self.acts(x)[-1].T

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x))

    def gradients(self, x, y):
        if self.m is None:
            self.m = x.shape[0]
        a = self.acts(x)
        d = (a[-1] - y.T) / self.m
        gw, gb = [], []
        for k in range(len(self.w) - 1, -1, -1):
            d = d * a[k + 1] * (1 - a[k + 1])
            gw.insert(0, d @ a[k].T)
            gb.insert(0, d.sum(axis=1, keepdims=True))
            d = self.w[k].T @ d
        return gw + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
