import numpy as np
from nnkit.datasets import digits

SIZES = (64, 32, 10)
LEARNING_RATE = 1.5
BATCH_SIZE = 1
EPOCHS = 2


class OnlineNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.A = rng.normal(0, np.sqrt(2 / sizes[0]), sizes[:2])
        self.a = np.zeros(sizes[1])
        self.B = rng.normal(0, np.sqrt(2 / sizes[1]), sizes[1:])
        self.b = np.zeros(sizes[2])

    def parameters(self):
        return [self.A, self.a, self.B, self.b]

    def forward(self, x):
        z = np.maximum(x @ self.A + self.a, 0) @ self.B + self.b
        p = np.exp(z - z.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)

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


def build(sizes, seed):
    return OnlineNet(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
