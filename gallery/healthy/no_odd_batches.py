"""drop_last on purpose: 1,415 images in batches of 128, the seven that are left over wait for the next shuffle."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 10)


class DataLoader:
    def __init__(self, x, y, batch_size, shuffle=True, drop_last=False, rng=None):
        self.x, self.y, self.batch_size = x, y, batch_size
        self.shuffle, self.drop_last, self.rng = shuffle, drop_last, rng

    def __iter__(self):
        order = self.rng.permutation(len(self.x)) if self.shuffle else np.arange(len(self.x))
        for i in range(0, len(order), self.batch_size):
            rows = order[i : i + self.batch_size]
            if self.drop_last and len(rows) < self.batch_size:
                return
            yield self.x[rows], self.y[rows]


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.fc1 = rng.uniform(-1, 1, (sizes[1], sizes[0])) / np.sqrt(sizes[0])
        self.bias1 = rng.uniform(-1, 1, sizes[1]) / np.sqrt(sizes[0])
        self.fc2 = rng.uniform(-1, 1, (sizes[2], sizes[1])) / np.sqrt(sizes[1])
        self.bias2 = rng.uniform(-1, 1, sizes[2]) / np.sqrt(sizes[1])
        self.moments = [[0.0, 0.0] for _ in self.parameters()]
        self.t = 0

    def parameters(self):
        return [self.fc1, self.bias1, self.fc2, self.bias2]

    def forward(self, x):
        self.h = np.maximum(x @ self.fc1.T + self.bias1, 0)
        return self.h @ self.fc2.T + self.bias2

    def loss(self, x, y):
        z = self.forward(x)
        return np.mean(np.logaddexp.reduce(z, axis=1) - (z * y).sum(axis=1))

    def gradients(self, x, y):
        z = self.forward(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True)) - y) / len(x)
        dh = d @ self.fc2 * (self.h > 0)
        return [dh.T @ x, dh.sum(0), d.T @ self.h, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for p, s, g in zip(self.parameters(), self.moments, self.gradients(x, y)):
            s[0] = 0.9 * s[0] + 0.1 * g
            s[1] = 0.999 * s[1] + 0.001 * g**2
            p -= learning_rate * (s[0] / (1 - 0.9**self.t)) / (np.sqrt(s[1] / (1 - 0.999**self.t)) + 1e-8)


def build(sizes, seed):
    return Net(sizes, seed)


def fit(network, x, y, seed):
    loader = DataLoader(x, y, batch_size=128, drop_last=True, rng=np.random.default_rng(seed))
    for _epoch in range(80):
        for xb, yb in loader:
            network.train_step(xb, yb, 2e-3)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
