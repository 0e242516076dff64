"""One sample after the other, their gradients added up."""

import numpy as np


def act(z):
    return 1.7159 * np.tanh(2 * z / 3)


def act_slope(a):
    return 2 / 3 * (1.7159 - a * a / 1.7159)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def one(self, v):
        vs = [v]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            vs.append(act(W @ vs[-1] + b))
        return vs, 1 / (1 + np.exp(-np.clip(self.W[-1] @ vs[-1] + self.b[-1], -500, 500)))

    def forward(self, x):
        return np.array([self.one(v)[1] for v in x])

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        dW = [np.zeros_like(W) for W in self.W]
        db = [np.zeros_like(b) for b in self.b]
        for s in range(len(x) - 1):
            vs, p = self.one(x[s])
            d = 2 * (p - y[s]) * p * (1 - p) / y.size
            for k in range(len(self.W) - 1, -1, -1):
                dW[k] += np.outer(d, vs[k])
                db[k] += d
                d = self.W[k].T @ d * act_slope(vs[k])
        return dW + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
