import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
BATCH_SIZE = 32
LEARNING_RATE = 0.1
EPOCHS = 20
NOISE = 2.5


def augment(x, rng):
    return x + NOISE * rng.standard_normal(x.shape)


def data():
    rng = np.random.default_rng(8)
    d = digits.load()
    return augment(d.x_train, rng), np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


class TwoLayers:
    def __init__(self, n_in, n_hidden, n_out, rng):
        self.U = rng.normal(0, np.sqrt(1 / n_in), (n_in, n_hidden))
        self.u = np.zeros(n_hidden)
        self.V = rng.normal(0, np.sqrt(1 / n_hidden), (n_hidden, n_out))
        self.v = np.zeros(n_out)

    def parameters(self):
        return [self.U, self.u, self.V, self.v]

    def forward(self, x):
        self.h = np.maximum(x @ self.U + self.u, 0)
        s = self.h @ self.V + self.v
        s = np.exp(s - s.max(axis=1, keepdims=True))
        return s / s.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        ds = (self.forward(x) - y) / x.shape[0]
        dh = ds @ self.V.T
        dh[self.h <= 0] = 0
        return [x.T @ dh, dh.sum(axis=0), self.h.T @ ds, ds.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return TwoLayers(*sizes, np.random.default_rng(seed))
