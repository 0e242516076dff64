import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)


class MLP:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = [
            f(m, n)
            for m, n in zip(sizes, sizes[1:])
            for f in (lambda m, n: rng.normal(0, np.sqrt(2 / m), (m, n)), lambda m, n: np.zeros((1, n)))
        ]

    def parameters(self):
        return self.p

    def forward(self, x):
        W1, b1, W2, b2 = self.p
        s = np.maximum(x @ W1 + b1, 0) @ W2 + b2
        s = np.exp(s - s.max(1, keepdims=True))
        return s / s.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(np.log(self.forward(x) + 1e-9) * y, axis=1))

    def gradients(self, x, y):
        W1, b1, W2, b2 = self.p
        h = np.maximum(x @ W1 + b1, 0)
        d = (self.forward(x) - y) / len(x)
        e = d @ W2.T * (h > 0)
        return [x.T @ e, e.sum(0, keepdims=True), h.T @ d, d.sum(0, keepdims=True)]

    def train_step(self, x, y, learning_rate):
        self.p[:] = [p - learning_rate * g for p, g in zip(self.p, self.gradients(x, y))]


build = MLP


def data():
    d = digits.load()
    mean, spread = d.x_train.mean(axis=0), d.x_train.std(axis=0)
    x = (d.x_train - mean) / spread
    x_test = (d.x_test - mean) / spread
    return x, np.eye(10)[d.labels_train], x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed=0):
    rng = np.random.default_rng(seed)
    for epoch in range(15):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 32):
            rows = order[start : start + 32]
            network.train_step(x[rows], y[rows], 0.03)
