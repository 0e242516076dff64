"""MNIST, two hidden ReLU layers, a tenth of the pixels and a quarter of the units dropped in each step, momentum."""

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (784, 128, 64, 10)
BATCH_SIZE = 100
EPOCHS = 8
DROP = (0.1, 0.25, 0.25)


def LEARNING_RATE(epoch):
    return 0.1 * 0.8**epoch


class DropNet:
    def __init__(self, sizes, seed):
        self.rng = np.random.default_rng(seed)
        self.W, self.b = [], []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.W.append(self.rng.standard_normal((m, n), dtype=np.float32) * np.float32(np.sqrt(2 / m)))
            self.b.append(np.zeros(n, np.float32))
        self.v = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return self.W + self.b

    def _drop(self, h, share):
        keep = self.rng.random(h.shape, dtype=np.float32) >= share
        return h * keep / np.float32(1 - share)

    def _run(self, x, training=False):
        hs = []
        h = np.asarray(x, np.float32)
        for i, (W, b) in enumerate(zip(self.W, self.b)):
            if training:
                h = self._drop(h, DROP[i])
            hs.append(h)
            h = h @ W + b
            if i < len(self.W) - 1:
                h = np.maximum(h, 0)
        e = np.exp(h - h.max(axis=1, keepdims=True))
        return hs, e / e.sum(axis=1, keepdims=True)

    def forward(self, x):
        return self._run(x)[1]

    def loss(self, x, y):
        return float(-np.mean(np.log((self.forward(x) * y).sum(axis=1) + 1e-12)))

    def gradients(self, x, y, training=False):
        hs, p = self._run(x, training)
        d = (p - y.astype(np.float32)) / np.float32(len(x))
        gW, gb = [], []
        for i in (2, 1, 0):
            gW.insert(0, hs[i].T @ d)
            gb.insert(0, d.sum(axis=0))
            scale = np.float32(1 / (1 - DROP[i])) if training else np.float32(1)
            if i:
                d = d @ self.W[i].T * (hs[i] > 0) * scale
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.v, self.gradients(x, y, training=True)):
            v *= np.float32(0.9)
            v -= np.float32(learning_rate) * g
            p += v


def build(sizes, seed):
    return DropNet(sizes, seed)


def data():
    d = load_dataset(require_mnist=True)
    return d.x_train[:15000], one_hot(d.labels_train[:15000]), d.x_test, one_hot(d.labels_test)
