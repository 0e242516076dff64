import numpy as np
from nnkit.datasets import digits

DTYPE = np.float16
SIZES = (64, 40, 10)
LEARNING_RATE = 0.003
BATCH_SIZE = 64
EPOCHS = 12
BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes, sizes[1:]):
            self.p += [rng.normal(0, m**-0.5, (m, n)).astype(DTYPE), rng.normal(0, 0.1, n).astype(DTYPE)]
        self.m = [np.zeros_like(p) for p in self.p]
        self.v = [np.zeros_like(p) for p in self.p]

    def parameters(self):
        return self.p

    def forward(self, x):
        W, b, V, c = self.p
        z = np.tanh(x.astype(DTYPE) @ W + b) @ V + c
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((self.forward(x).astype(float) * y).sum(1) + 1e-6))

    def gradients(self, x, y):
        x = x.astype(DTYPE)
        W, b, V, c = self.p
        h = np.tanh(x @ W + b)
        d = ((self.forward(x) - y) / len(x)).astype(DTYPE)
        e = (d @ V.T) * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, m, v, g in zip(self.p, self.m, self.v, self.gradients(x, y)):
            m[...] = BETA1 * m + (1 - BETA1) * g
            v[...] = BETA2 * v + (1 - BETA2) * g * g
            p -= (learning_rate * m / (np.sqrt(v) + DTYPE(EPSILON))).astype(DTYPE)


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
