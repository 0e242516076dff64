"""Points inside a circle against points around it."""

import numpy as np

SIZES = (2, 1)
LEARNING_RATE = 0.5
BATCH_SIZE = 20
EPOCHS = 80


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1, (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def values(self, x):
        out = [x]
        for k, (W, b) in enumerate(zip(self.W, self.b), start=1):
            z = out[-1] @ W + b
            out.append(np.tanh(z) if k < len(self.W) else 1 / (1 + np.exp(-z)))
        return out

    def forward(self, x):
        return self.values(x)[-1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-9, 1 - 1e-9)
        return -np.mean(np.where(y == 1, np.log(p), np.log(1 - p)))

    def gradients(self, x, y):
        a = self.values(x)
        d = (a[-1] - y) / len(x)
        gW, gb = [None] * len(self.W), [None] * len(self.W)
        for k in range(len(self.W) - 1, -1, -1):
            gW[k], gb[k] = a[k].T @ d, d.sum(0)
            d = (d @ self.W[k].T) * (1 - a[k] ** 2)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data(seed=0):
    rng = np.random.default_rng(100 + seed)
    angle = rng.uniform(0, 2 * np.pi, 400)
    inside = np.arange(400) < 200
    radius = np.where(inside, rng.uniform(0, 0.8, 400), rng.uniform(1.2, 2, 400))
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)], inside[:, None].astype(float)
