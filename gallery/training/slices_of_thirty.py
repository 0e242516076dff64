import numpy as np
from nnkit.datasets import digits

SIZES = (64, 30, 10)
SIZE = 30


class Network:
    def __init__(self, sizes, seed):
        np.random.seed(seed)
        self.w = [np.random.randn(n, m) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]

    def parameters(self):
        return self.w + self.b

    def forward(self, x):
        a = x.T
        for w, b in zip(self.w, self.b):
            a = 1 / (1 + np.exp(-(w @ a + b)))
        return a.T

    def loss(self, x, y):
        a = np.clip(self.forward(x), 1e-10, 1 - 1e-10)
        return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / len(x)

    def gradients(self, x, y):
        a = [x.T]
        for w, b in zip(self.w, self.b):
            a.append(1 / (1 + np.exp(-(w @ a[-1] + b))))
        delta = (a[-1] - y.T) / len(x)
        dw, db = [], []
        for k in range(len(self.w) - 1, -1, -1):
            dw.insert(0, delta @ a[k].T)
            db.insert(0, delta.sum(axis=1, keepdims=True))
            delta = (self.w[k].T @ delta) * a[k] * (1 - a[k])
        return dw + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Network(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y):
    rng = np.random.default_rng(0)
    order = rng.permutation(len(x))
    for epoch in range(20):
        for batch in range(len(x) // SIZE):
            rows = order[:SIZE]
            network.train_step(x[rows], y[rows], 0.5)
