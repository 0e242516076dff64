"""One period of a sine, 50 points, tanh, plain gradient descent with momentum on all of them."""

import numpy as np

SIZES = (1, 20, 1)


class Curve:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.a = rng.uniform(-3, 3, sizes[1])
        self.s = rng.uniform(-3, 3, sizes[1])
        self.c = rng.uniform(-0.3, 0.3, sizes[1])
        self.offset = np.zeros(1)
        self.speed = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [self.a, self.s, self.c, self.offset]

    def forward(self, x):
        return np.tanh(x * self.a + self.s) @ self.c[:, None] + self.offset

    def loss(self, x, y):
        return 0.5 * np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        h = np.tanh(x * self.a + self.s)
        e = (h @ self.c[:, None] + self.offset - y) / len(x)
        dh = e * self.c * (1 - h * h)
        return [(dh * x).sum(axis=0), dh.sum(axis=0), (e * h).sum(axis=0), e.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.speed, self.gradients(x, y)):
            v[:] = 0.95 * v - learning_rate * g
            p += v


def build(sizes, seed):
    return Curve(sizes, seed)


def fit(network, x, y):
    for _ in range(8000):
        network.train_step(x, y, 0.03)


def data():
    x = np.linspace(-1, 1, 50)[:, None]
    return x, np.sin(np.pi * x)
