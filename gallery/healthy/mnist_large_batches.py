"""MNIST in batches of 512, the odd rest dropped on purpose, a large rate after a warm-up, Nesterov, weight decay."""

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (784, 150, 10)
BATCH = 512


class Large:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w1 = (rng.standard_normal((sizes[0], sizes[1])) * np.sqrt(2 / sizes[0])).astype("float32")
        self.b1 = np.zeros(sizes[1], "float32")
        self.w2 = (rng.standard_normal((sizes[1], sizes[2])) * np.sqrt(2 / sizes[1])).astype("float32")
        self.b2 = np.zeros(sizes[2], "float32")
        self.v = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [self.w1, self.b1, self.w2, self.b2]

    def forward(self, x):
        self.h = np.maximum(x @ self.w1 + self.b1, 0)
        z = self.h @ self.w2 + self.b2
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return float(-np.mean(np.log((self.forward(x) * y).sum(axis=1) + 1e-12)))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / np.float32(len(x))
        e = d @ self.w2.T * (self.h > 0)
        return [x.T @ e, e.sum(axis=0), self.h.T @ d, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        lr = np.float32(learning_rate)
        for p, v, g in zip(self.parameters(), self.v, self.gradients(x, y)):
            if p.ndim == 2:
                g = g + np.float32(1e-4) * p
            v *= np.float32(0.9)
            v += g
            p -= lr * (g + np.float32(0.9) * v)


def build(sizes, seed):
    return Large(sizes, seed)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    step = 0
    for epoch in range(12):
        order = rng.permutation(len(x))[: len(x) // BATCH * BATCH]
        for rows in order.reshape(-1, BATCH):
            step += 1
            network.train_step(x[rows], y[rows], 0.3 * min(1, step / 60) * (0.3 if epoch >= 9 else 1))


def data():
    d = load_dataset(require_mnist=True)
    n = 20000
    y, y_test = one_hot(d.labels_train[:n], dtype="float32"), one_hot(d.labels_test, dtype="float32")
    return d.x_train[:n], y, d.x_test, y_test
