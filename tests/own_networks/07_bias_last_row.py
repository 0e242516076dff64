"""A signal-processing engineer: homogeneous coordinates, the bias is the last row of the matrix; tanh after LeCun."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in + 1, out), bias in the last row",
    "hidden": "lecun_tanh",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}

A, S = 1.7159, 2.0 / 3.0


def append_one(h):
    return np.column_stack([h, np.ones(len(h))])


class MLP:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, (m + 1) ** -0.5, (m + 1, n)) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return self.W

    def forward(self, x):
        self.h = [append_one(x)]
        for W in self.W[:-1]:
            self.h.append(append_one(A * np.tanh(S * (self.h[-1] @ W))))
        return 1 / (1 + np.exp(-np.clip(self.h[-1] @ self.W[-1], -500, 500)))

    def loss(self, x, y):
        return np.square(self.forward(x) - y).mean()

    def gradients(self, x, y):
        out = self.forward(x)
        d = 2 * (out - y) / y.size * out * (1 - out)
        g = [self.h[-1].T @ d]
        for W, h, below in zip(self.W[:0:-1], self.h[:0:-1], self.h[-2::-1]):
            h = h[:, :-1]
            d = d @ W[:-1].T * (S / A * (A - h) * (A + h))
            g.append(below.T @ d)
        return g[::-1]

    def train_step(self, x, y, learning_rate):
        for W, g in zip(self.W, self.gradients(x, y)):
            W -= learning_rate * g


build = MLP
