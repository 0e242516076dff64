"""Early stopping: a sixth of the training rows is kept aside to watch, and the best weights are put back at the end."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 60, 10)
PATIENCE = 8


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    held, rest = order[: len(x) // 6], order[len(x) // 6 :]
    best, best_weights, waited = np.inf, None, 0
    for _epoch in range(200):
        rng.shuffle(rest)
        for i in range(0, len(rest), 32):
            network.train_step(x[rest[i : i + 32]], y[rest[i : i + 32]], 0.15)
        now = network.loss(x[held], y[held])
        if now < best:
            best, best_weights, waited = now, [p.copy() for p in network.parameters()], 0
        else:
            waited += 1
            if waited == PATIENCE:
                break
    for p, saved in zip(network.parameters(), best_weights):
        p[:] = saved


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.layers.append((rng.standard_normal((m, n)) / np.sqrt(m), np.zeros(n)))

    def parameters(self):
        return [p for pair in self.layers for p in pair]

    def _walk(self, x):
        path = [x]
        for w, b in self.layers[:-1]:
            path.append(np.tanh(path[-1] @ w + b))
        w, b = self.layers[-1]
        return path, path[-1] @ w + b

    def forward(self, x):
        return self._walk(x)[1]

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, axis=1) - (z * y).sum(axis=1))

    def gradients(self, x, y):
        path, z = self._walk(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        g = []
        for (w, _), h in zip(self.layers[::-1], path[::-1]):
            g[:0] = (h.T @ d, d.sum(axis=0))
            d = d @ w.T * (1 - h * h)
        return g

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
