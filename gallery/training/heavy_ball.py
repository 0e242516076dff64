import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
LEARNING_RATE = 0.2
BATCH_SIZE = 32
EPOCHS = 6


class Momentum:
    def __init__(self, parameters, mu):
        self.mu = mu
        self.velocity = [np.zeros_like(p) for p in parameters]

    def step(self, parameters, gradients, rate):
        for p, v, g in zip(parameters, self.velocity, gradients):
            v *= self.mu
            v -= rate * g
            p += v


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes, sizes[1:]):
            self.p += [rng.normal(0, m**-0.5, (m, n)), np.zeros(n)]
        self.optimiser = Momentum(self.p, mu=0.999)

    def parameters(self):
        return self.p

    def forward(self, x):
        W, b, V, c = self.p
        z = np.tanh(x @ W + b) @ V + c
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((self.forward(x) * y).sum(1) + 1e-12))

    def gradients(self, x, y):
        W, b, V, c = self.p
        h = np.tanh(x @ W + b)
        d = (self.forward(x) - y) / len(x)
        e = d @ V.T * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.optimiser.step(self.p, self.gradients(x, y), learning_rate)


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
