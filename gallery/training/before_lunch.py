import numpy as np
from nnkit.datasets import digits

SIZES = (64, 30, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 64
EPOCHS = 1


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [(rng.normal(0, m**-0.5, (m, n)), np.zeros((1, n))) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for l in self.layers for p in l]

    def forward(self, x):
        for w, b in self.layers:
            x = sigmoid(x @ w + b)
        return x

    def loss(self, x, y):
        p = self.forward(x)
        return -np.mean(np.sum(y * np.log(p + 1e-15) + (1 - y) * np.log(1 - p + 1e-15), axis=1))

    def gradients(self, x, y):
        (w1, b1), (w2, b2) = self.layers
        h = sigmoid(x @ w1 + b1)
        o = sigmoid(h @ w2 + b2)
        d = (o - y) / len(x)
        e = d @ w2.T * h * (1 - h)
        return [x.T @ e, e.sum(0, keepdims=True), h.T @ d, d.sum(0, keepdims=True)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
