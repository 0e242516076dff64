import copy

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = [rng.normal(0, sizes[0] ** -0.5, sizes[:2]), np.zeros(sizes[1])]
        self.p += [rng.normal(0, sizes[1] ** -0.5, sizes[1:]), np.zeros(sizes[2])]

    def parameters(self):
        return self.p

    def forward(self, x):
        z = np.tanh(x @ self.p[0] + self.p[1]) @ self.p[2] + self.p[3]
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        h = np.tanh(x @ self.p[0] + self.p[1])
        d = (self.forward(x) - y) / len(x)
        e = d @ self.p[2].T * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.p, self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    best, least = copy.deepcopy(network.parameters()), np.inf
    for epoch in range(12):
        for rows in np.array_split(rng.permutation(len(x)), 40):
            network.train_step(x[rows], y[rows], 0.2)
        loss = network.loss(x, y)
        if loss < least:
            least = loss
    for p, kept in zip(network.parameters(), best):
        p[...] = kept
