"""MNIST as quickly as NumPy does it: float32 throughout, large batches, momentum, rate that falls linearly."""

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (784, 100, 10)
BATCH = 100
STEPS = 1200


class FastNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [
            (rng.standard_normal((a, b)) * np.sqrt(2 / a)).astype(np.float32) for a, b in zip(sizes[:-1], sizes[1:])
        ]
        self.b = [np.zeros(b, np.float32) for b in sizes[1:]]
        self.v = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return self.w + self.b

    def _run(self, x):
        acts = [x.astype(np.float32, copy=False)]
        for w, b in zip(self.w[:-1], self.b[:-1]):
            acts.append(np.maximum(acts[-1] @ w + b, 0))
        return acts, acts[-1] @ self.w[-1] + self.b[-1]

    def forward(self, x):
        return self._run(x)[1]

    def loss(self, x, y):
        z = self.forward(x)
        z = z - z.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(1)) - (z * y).sum(1)))

    def gradients(self, x, y):
        acts, z = self._run(x)
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        d = (p - y.astype(np.float32, copy=False)) / np.float32(len(x))
        gw, gb = [], []
        for i in range(len(self.w) - 1, -1, -1):
            gw.append(acts[i].T @ d)
            gb.append(d.sum(0))
            if i:
                d = (d @ self.w[i].T) * (acts[i] > 0)
        return gw[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.v, self.gradients(x, y)):
            v *= np.float32(0.9)
            v += g
            p -= np.float32(learning_rate) * v


def build(sizes, seed):
    return FastNet(sizes, seed)


def data():
    d = load_dataset(require_mnist=True)
    n = 20000
    return d.x_train[:n], one_hot(d.labels_train[:n], dtype=np.float32), d.x_test, one_hot(d.labels_test)


def fit(network, x, y):
    rng = np.random.default_rng(1)
    order = np.arange(len(x))
    at = len(x)
    for step in range(STEPS):
        if at + BATCH > len(x):
            rng.shuffle(order)
            at = 0
        rows = order[at : at + BATCH]
        at += BATCH
        network.train_step(x[rows], y[rows], 0.1 * (1 - step / STEPS))
