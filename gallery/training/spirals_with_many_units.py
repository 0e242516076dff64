"""Two spirals; fifty units in each of two hidden layers."""

import numpy as np

SIZES = (2, 50, 50, 2)
BATCH_SIZE = 25
EPOCHS = 150


def LEARNING_RATE(epoch):
    return 0.1 if epoch < 100 else 0.03


def identity(z):
    return z


def one(a):
    return np.ones_like(a)


def tanh_slope(a):
    return 1 - a * a


ACTIVATIONS = {"tanh": (np.tanh, tanh_slope), "none": (identity, one)}


class Spirals:
    def __init__(self, sizes, seed, activation="none"):
        rng = np.random.default_rng(seed)
        self.act, self.slope = ACTIVATIONS[activation]
        self.p = []
        for m, n in zip(sizes, sizes[1:]):
            self.p += [rng.normal(0, 1.5 / np.sqrt(m), (m, n)), rng.normal(0, 0.1, n)]

    def parameters(self):
        return self.p

    def states(self, x):
        out = [x]
        for k in range(0, len(self.p) - 2, 2):
            out.append(self.act(out[-1] @ self.p[k] + self.p[k + 1]))
        return out

    def forward(self, x):
        z = self.states(x)[-1] @ self.p[-2] + self.p[-1]
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        out = self.states(x)
        d, g = (self.forward(x) - y) / len(x), []
        for k in range(len(out) - 1, -1, -1):
            g = [out[k].T @ d, d.sum(0)] + g
            d = (d @ self.p[2 * k].T) * self.slope(out[k])
        return g

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.p, self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Spirals(sizes, seed)


def data():
    rng = np.random.default_rng(4)
    t = np.sqrt(rng.uniform(0.02, 1, 500)) * 2.5 * np.pi
    k = np.arange(500) % 2
    sign = np.where(k == 0, 1, -1)
    x = np.c_[sign * t * np.cos(t), sign * t * np.sin(t)] / 3
    return x + 0.02 * rng.normal(size=x.shape), np.eye(2)[k]
