"""A numerical analyst: autograd on a flat vector, columns stacked as in Fortran, RMSProp; smooth ReLU by square root."""

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad

CONVENTIONS = {
    "layout": "one flat vector: b1, W1 (in, out) column by column, b2, ...",
    "hidden": "home-made: (z + sqrt(z^2 + 1)) / 2",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "rmsprop 0.99 1e-8",
}
SEVERAL = {}


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.sizes = sizes
        parts = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            parts += [np.zeros(n), rng.normal(0, 1 / np.sqrt(m), m * n)]
        self.p = np.concatenate(parts)
        self.s = np.zeros_like(self.p)
        self.value_and_slope = value_and_grad(self.cost)

    def out(self, p, x):
        at = 0
        for m, n in zip(self.sizes[:-1], self.sizes[1:]):
            b = p[at : at + n]
            W = anp.reshape(p[at + n : at + n + m * n], (n, m)).T
            at += n + m * n
            z = anp.dot(x, W) + b
            x = (z + anp.sqrt(z * z + 1)) / 2
        return 0.5 * (1 + anp.tanh(z / 2))

    def cost(self, p, x, y):
        return anp.mean((self.out(p, x) - y) ** 2)

    def parameters(self):
        return [self.p]

    def forward(self, x):
        return self.out(self.p, x)

    def loss(self, x, y):
        return self.cost(self.p, x, y)

    def gradients(self, x, y):
        return [self.value_and_slope(self.p, x, y)[1]]

    def train_step(self, x, y, learning_rate):
        _, g = self.value_and_slope(self.p, x, y)
        self.s = 0.99 * self.s + 0.01 * g * g
        self.p -= learning_rate * g / (np.sqrt(self.s) + 1e-8)
