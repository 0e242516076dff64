"""Each layer is a function, made from the activation it is to have."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


class build:
    hidden = "tanh"
    output = "sigmoid"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.normal(size=(a, b)) / np.sqrt(a) for a, b in zip(sizes, sizes[1:])]
        self.bs = [np.zeros(b) for b in sizes[1:]]
        self.layers = []
        for f in [np.tanh] * (len(self.Ws) - 1) + [sigmoid]:
            self.layers.append(lambda x, W, b: f(x @ W + b))

    def parameters(self):
        return [p for W, b in zip(self.Ws, self.bs) for p in (b, W)]

    def outputs(self, x):
        outs = [x]
        for layer, W, b in zip(self.layers, self.Ws, self.bs):
            outs.append(layer(outs[-1], W, b))
        return outs

    def forward(self, x):
        return self.outputs(x)[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2) / 2

    def gradients(self, x, y):
        *outs, p = self.outputs(x)
        d = (p - y) * p * (1 - p) / y.size
        grads = []
        while outs:
            a = outs.pop()
            grads = [d.sum(axis=0), a.T @ d, *grads]
            d = (d @ self.Ws[len(outs)].T) * (1 - a**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p[...] = p - learning_rate * g
