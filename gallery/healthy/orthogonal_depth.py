"""Five hidden layers of tanh that start as rotations, learned with momentum."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 50, 50, 50, 50, 10)
LEARNING_RATE = 0.03
BATCH_SIZE = 32
EPOCHS = 30


def orthogonal(m, n, rng):
    q, r = np.linalg.qr(rng.standard_normal((max(m, n), min(m, n))))
    q = q * np.sign(np.diag(r))
    return q if m >= n else np.ascontiguousarray(q.T)


class DeepTanh:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [orthogonal(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.VW = [np.zeros_like(W) for W in self.W]
        self.Vb = [np.zeros_like(b) for b in self.b]

    def parameters(self):
        return self.W + self.b

    def run(self, x):
        self.a = [x]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            self.a.append(np.tanh(self.a[-1] @ W + b))
        z = self.a[-1] @ self.W[-1] + self.b[-1]
        return z - z.max(axis=1, keepdims=True)

    def forward(self, x):
        e = np.exp(self.run(x))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.run(x)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - (y * z).sum(axis=1))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        gW, gb = [], []
        for i in range(len(self.W) - 1, -1, -1):
            gW.append(self.a[i].T @ d)
            gb.append(d.sum(axis=0))
            d = d @ self.W[i].T * (1 - self.a[i] ** 2)
        return gW[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.VW + self.Vb, self.gradients(x, y)):
            v *= 0.9
            v -= learning_rate * g
            p += v


def build(sizes, seed):
    return DeepTanh(sizes, seed)


def data():
    d = load()
    return d.x_train - 0.5, one_hot(d.labels_train), d.x_test - 0.5, one_hot(d.labels_test)
