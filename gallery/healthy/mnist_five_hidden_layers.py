"""MNIST through five hidden layers of leaky ReLU, float32, Adam with a short warm-up."""

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (784, 64, 64, 64, 64, 64, 10)
f32 = np.float32


class Deep:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.p += [rng.normal(0, np.sqrt(2 / m), (m, n)).astype(f32), np.zeros((1, n), f32)]
        self.m = [np.zeros_like(a) for a in self.p]
        self.v = [np.zeros_like(a) for a in self.p]
        self.t = 0

    def parameters(self):
        return self.p

    def _acts(self, x):
        acts = [np.asarray(x, f32)]
        for W, b in zip(self.p[:-2:2], self.p[1:-2:2]):
            z = acts[-1] @ W + b
            acts.append(np.maximum(z, f32(0.01) * z))
        return acts, acts[-1] @ self.p[-2] + self.p[-1]

    def forward(self, x):
        return self._acts(x)[1]

    def loss(self, x, y):
        z = self.forward(x).astype(float)
        return np.mean(np.logaddexp.reduce(z, axis=1) - (z * y).sum(axis=1))

    def gradients(self, x, y):
        acts, z = self._acts(x)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        d = ((e / e.sum(axis=1, keepdims=True) - y) / len(x)).astype(f32)
        g = []
        for i in range(len(acts) - 1, -1, -1):
            g = [acts[i].T @ d, d.sum(axis=0, keepdims=True), *g]
            if i:
                d = d @ self.p[2 * i].T * np.where(acts[i] > 0, f32(1), f32(0.01))
        return g

    def train_step(self, x, y, learning_rate):
        self.t += 1
        rate = f32(learning_rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t))
        for p, m, v, g in zip(self.p, self.m, self.v, self.gradients(x, y)):
            m += f32(0.1) * (g - m)
            v += f32(0.001) * (g * g - v)
            p -= rate * m / (np.sqrt(v) + f32(1e-7))


def build(sizes, seed):
    return Deep(sizes, seed)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    total, done = 6 * 200, 0
    for _ in range(6):
        for rows in np.array_split(rng.permutation(len(x)), 200):
            network.train_step(x[rows], y[rows], 0.002 * min(1, (done + 1) / 100) * (1 - done / total))
            done += 1


def data():
    d = load_dataset(require_mnist=True)
    return d.x_train[:20000], one_hot(d.labels_train[:20000]), d.x_test, one_hot(d.labels_test)
