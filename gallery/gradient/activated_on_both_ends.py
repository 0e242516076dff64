"""A generator hands out the layers from the top."""

import numpy as np


def squash(z):
    return np.where(z > 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z)))


class build:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        shapes = list(zip(sizes[:-1], sizes[1:]))
        self.weights = [rng.normal(0, 2 / np.sqrt(m), (m, n)) for m, n in shapes]
        self.biases = [np.zeros((1, n)) for _, n in shapes]

    def parameters(self):
        return [p for pair in zip(self.biases, self.weights) for p in pair]

    def ascend(self, x):
        history = []
        for W, b in zip(self.weights, self.biases):
            history.append(x)
            x = squash(x @ W + b)
        return history, x

    def forward(self, x):
        return self.ascend(x)[1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-14, 1 - 1e-14)
        return -np.sum(y * np.log(p) + (1 - y) * np.log1p(-p)) / len(x)

    def descend(self, x, y):
        history, p = self.ascend(x)
        delta = (p - y) / len(x)
        for W, inputs in zip(self.weights[::-1], history[::-1]):
            W_grad = squash(inputs).T @ delta
            yield W_grad
            yield delta.sum(axis=0, keepdims=True)
            delta = (delta @ W.T) * inputs * (1 - inputs)

    def gradients(self, x, y):
        return list(self.descend(x, y))[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
