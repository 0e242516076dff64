"""Radial basis functions: centres, widths and weights all learn; a surface with two hills."""

import numpy as np

SIZES = (2, 25, 1)
BATCH_SIZE = 32
EPOCHS = 150


def LEARNING_RATE(epoch):
    return 0.02 / (1 + epoch / 40)


class RBF:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.centres = rng.uniform(-2, 2, (sizes[1], sizes[0]))
        self.log_width = np.zeros(sizes[1])
        self.weights = rng.normal(0, 0.3, (sizes[1], sizes[2]))
        self.bias = np.zeros(sizes[2])
        self.m = [np.zeros_like(p) for p in self.parameters()]
        self.v = [np.zeros_like(p) for p in self.parameters()]
        self.t = 0

    def parameters(self):
        return [self.centres, self.log_width, self.weights, self.bias]

    def bells(self, x):
        diff = x[:, None, :] - self.centres
        square = (diff**2).sum(axis=2)
        return diff, square, np.exp(-0.5 * square * np.exp(-2 * self.log_width))

    def forward(self, x):
        return self.bells(x)[2] @ self.weights + self.bias

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        diff, square, phi = self.bells(x)
        d = 2 * (phi @ self.weights + self.bias - y) / y.size
        back = d @ self.weights.T * phi
        precision = np.exp(-2 * self.log_width)
        return [
            np.einsum("nk,nkd->kd", back, diff) * precision[:, None],
            (back * square).sum(axis=0) * precision,
            phi.T @ d,
            d.sum(axis=0),
        ]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for p, m, v, g in zip(self.parameters(), self.m, self.v, self.gradients(x, y)):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= learning_rate * m / (1 - 0.9**self.t) / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)


def build(sizes, seed):
    return RBF(sizes, seed)


def data():
    rng = np.random.default_rng(13)
    x = rng.uniform(-2, 2, (900, 2))
    hill = lambda c, s: np.exp(-((x - c) ** 2).sum(axis=1) / s)
    y = (2 * hill([0.7, 0.7], 0.6) - hill([-1, -0.5], 0.9) + 0.02 * rng.standard_normal(900))[:, None]
    return x[:600], y[:600], x[600:], y[600:]
