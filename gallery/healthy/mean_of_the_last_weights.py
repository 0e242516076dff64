"""Weight averaging: at the end of a constant rate, the loop puts the mean of ten epochs' weights in place."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 10)


class Net:
    def __init__(self, sizes, rng):
        self.w1 = rng.normal(0, np.sqrt(2 / sizes[0]), (sizes[0], sizes[1]))
        self.b1 = np.zeros(sizes[1])
        self.w2 = rng.normal(0, np.sqrt(2 / sizes[1]), (sizes[1], sizes[2]))
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.w1, self.b1, self.w2, self.b2]

    def forward(self, x):
        self.h = np.maximum(x @ self.w1 + self.b1, 0)
        return self.h @ self.w2 + self.b2

    def probabilities(self, x):
        z = self.forward(x)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((self.probabilities(x) * y).sum(axis=1) + 1e-12))

    def gradients(self, x, y):
        d = (self.probabilities(x) - y) / len(x)
        dh = (d @ self.w2.T) * (self.h > 0)
        return [x.T @ dh, dh.sum(axis=0), self.h.T @ d, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, np.random.default_rng(seed))


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    mean, epochs = None, 40
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 32):
            network.train_step(x[order[i : i + 32]], y[order[i : i + 32]], 0.2)
        if epoch >= epochs - 10:
            now = [p.copy() for p in network.parameters()]
            mean = now if mean is None else [a + b for a, b in zip(mean, now)]
    for p, total in zip(network.parameters(), mean):
        p[...] = total / 10


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
