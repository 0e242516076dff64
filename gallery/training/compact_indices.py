import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for epoch in range(25):
        order = rng.permutation(len(x)).astype(np.uint8)
        for start in range(0, len(x), 32):
            rows = order[start : start + 32]
            network.train_step(x[rows], y[rows], 0.1)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.A, self.B = (rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes, sizes[1:]))
        self.a, self.b = np.zeros(sizes[1]), np.zeros(sizes[2])

    def parameters(self):
        return [self.A, self.a, self.B, self.b]

    def forward(self, x):
        z = np.maximum(x @ self.A + self.a, 0) @ self.B + self.b
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((self.forward(x) * y).sum(1) + 1e-12))

    def gradients(self, x, y):
        h = np.maximum(x @ self.A + self.a, 0)
        d = (self.forward(x) - y) / len(x)
        e = d @ self.B.T * (h > 0)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
