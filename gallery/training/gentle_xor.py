"""XOR with +-1, four tanh units and a linear output; started gently."""

import numpy as np

SIZES = (2, 4, 1)
LEARNING_RATE = 0.1
BATCH_SIZE = 4
EPOCHS = 2000


class build:
    def __init__(self, sizes, seed):
        self.rng = np.random.default_rng(seed)
        self.spread = 1e-6
        self.layers = []
        for m, n in zip(sizes, sizes[1:]):
            self.layers.append(self.draw(m, n))
            self.layers.append(self.draw(n))

    def draw(self, *shape):
        return self.spread * self.rng.standard_normal(shape)

    def parameters(self):
        return self.layers

    def forward(self, x):
        W, b, V, c = self.layers
        return np.tanh(x @ W + b) @ V + c

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2) / 2

    def gradients(self, x, y):
        W, b, V, c = self.layers
        h = np.tanh(x @ W + b)
        d = (h @ V + c - y) / len(x)
        e = (d @ V.T) * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.layers, self.gradients(x, y)):
            p -= learning_rate * g


def data():
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return x, -x[:, :1] * x[:, 1:]
