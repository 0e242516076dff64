"""A notebook, its cells glued together in the order in which they were run."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        self.sizes, self.seed = sizes, seed
        self.prepare()

    def prepare(self):
        rng = np.random.default_rng(self.seed)
        self.W = [rng.uniform(-1, 1, (n, m)) for m, n in zip(self.sizes[:-1], self.sizes[1:])]
        self.b = [rng.uniform(-1, 1, (n, 1)) for n in self.sizes[1:]]
        self.acts = []

    def parameters(self):
        return self.W + self.b

    def clear(self):
        self.acts = []

    def forward(self, x):
        self.prepare()
        self.acts.append(x.T)
        for W, b in zip(self.W, self.b):
            self.acts.append(np.exp(-np.logaddexp(0, -(W @ self.acts[-1] + b))))
        return self.acts[-1].T

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        self.forward(x)
        a = self.acts
        d = (a[-1] - y.T) * a[-1] * (1 - a[-1])
        gW, gb = [], []
        for k in range(len(self.W) - 1, -1, -1):
            gW.insert(0, d @ a[k].T)
            gb.insert(0, d.sum(axis=1, keepdims=True))
            d = self.W[k].T @ d * a[k] * (1 - a[k])
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
