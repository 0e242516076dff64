import numpy as np
from nnkit.datasets import digits

SIZES = (64, 48, 10)
ETA, DECAY = 0.5, 0.9


class AnnealedNet:
    def __init__(self, sizes, seed):
        g = np.random.default_rng(seed)
        self.A = g.normal(size=(sizes[0] + 1, sizes[1])) / np.sqrt(sizes[0] + 1)
        self.B = g.normal(size=(sizes[1] + 1, sizes[2])) / np.sqrt(sizes[1] + 1)

    def parameters(self):
        return [self.A, self.B]

    @staticmethod
    def with_ones(x):
        return np.hstack([x, np.ones((len(x), 1))])

    def inner(self, x):
        u = self.with_ones(x)
        h = self.with_ones(1 / (1 + np.exp(-u @ self.A)))
        s = h @ self.B
        s = np.exp(s - s.max(axis=1, keepdims=True))
        return u, h, s / s.sum(axis=1, keepdims=True)

    def forward(self, x):
        return self.inner(x)[2]

    def loss(self, x, y):
        return -np.mean(np.log(np.sum(y * self.forward(x), axis=1) + 1e-12))

    def gradients(self, x, y):
        u, h, p = self.inner(x)
        d = (p - y) / len(x)
        e = (d @ self.B.T) * h * (1 - h)
        return [u.T @ e[:, :-1], h.T @ d]

    def train_step(self, x, y, learning_rate):
        dA, dB = self.gradients(x, y)
        self.A -= learning_rate * dA
        self.B -= learning_rate * dB


def build(sizes, seed):
    return AnnealedNet(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y):
    rng = np.random.default_rng(3)
    eta = ETA
    for epoch in range(18):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 20):
            rows = order[start : start + 20]
            network.train_step(x[rows], y[rows], eta)
            eta *= DECAY
