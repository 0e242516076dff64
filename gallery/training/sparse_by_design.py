"""A rectifier network whose units are meant to fire for few images only."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 80, 10)
SPARSITY = 6.0


def relu(z):
    return z * (z > 0)


class RectifierNetwork:
    def __init__(self, sizes, rng):
        self.layers = [
            {"W": rng.normal(0, np.sqrt(2 / m), (m, n)), "b": np.zeros(n)} for m, n in zip(sizes[:-1], sizes[1:])
        ]
        for layer in self.layers[:-1]:
            layer["b"] -= SPARSITY

    def parameters(self):
        return [layer[k] for layer in self.layers for k in ("W", "b")]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = relu(x @ layer["W"] + layer["b"])
        return x @ self.layers[-1]["W"] + self.layers[-1]["b"]

    def loss(self, x, y):
        z = self.forward(x)
        top = z.max(axis=1)
        return np.mean(top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - (z * y).sum(axis=1))

    def gradients(self, x, y):
        inputs = []
        for layer in self.layers[:-1]:
            inputs.append(x)
            x = relu(x @ layer["W"] + layer["b"])
        inputs.append(x)
        z = x @ self.layers[-1]["W"] + self.layers[-1]["b"]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        delta = (p - y) / len(y)
        found = []
        for k in range(len(self.layers) - 1, -1, -1):
            found = [inputs[k].T @ delta, delta.sum(axis=0), *found]
            delta = (delta @ self.layers[k]["W"].T) * (inputs[k] > 0)
        return found

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return RectifierNetwork(sizes, np.random.default_rng(seed))


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for epoch in range(15):
        for batch in np.array_split(rng.permutation(len(x)), len(x) // 32):
            network.train_step(x[batch], y[batch], 0.1)
