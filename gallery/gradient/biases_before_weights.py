"""Every layer keeps its numbers in one flat array."""

import numpy as np


class FlatLayer:
    def __init__(self, m, n, rng):
        self.m, self.n = m, n
        self.flat = rng.normal(0, 1 / np.sqrt(m), m * n + n)

    def weights(self):
        return self.flat[: self.m * self.n].reshape(self.m, self.n)

    def __call__(self, x):
        self.x = x
        return x @ self.weights() + self.flat[self.m * self.n :]

    def pull(self, d):
        dW, db = self.x.T @ d, d.sum(axis=0)
        return np.concatenate([db, dW.ravel()])


class build:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [FlatLayer(m, n, rng) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [layer.flat for layer in self.layers]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = np.tanh(layer(x))
        return 0.5 * (1 + np.tanh(0.5 * self.layers[-1](x)))

    def loss(self, x, y):
        return np.mean(np.sum((self.forward(x) - y) ** 2, axis=1)) / 2

    def gradients(self, x, y):
        p = self.forward(x)
        d = (p - y) * p * (1 - p) / len(x)
        grads = []
        for layer in reversed(self.layers):
            grads.insert(0, layer.pull(d))
            d = (d @ layer.weights().T) * (1 - layer.x**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for layer, g in zip(self.layers, self.gradients(x, y)):
            layer.flat -= learning_rate * g
