import numpy as np
from nnkit.datasets import digits

SIZES = (64, 24, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 50
EPOCHS = 10


def accuracy(outputs, y):
    return ((outputs > 0.5) == (y > 0.5)).mean()


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    return SigmoidNet([rng.normal(0, 1 / np.sqrt(m + 1), (m + 1, n)) for m, n in zip(sizes, sizes[1:])])


def add_one(a):
    return np.column_stack([np.ones(len(a)), a])


class SigmoidNet:
    def __init__(self, weights):
        self.weights = weights

    def parameters(self):
        return self.weights

    def walk(self, x):
        inputs = []
        for w in self.weights:
            inputs.append(add_one(x))
            x = 1 / (1 + np.exp(-inputs[-1] @ w))
        return inputs, x

    def forward(self, x):
        return self.walk(x)[1]

    def loss(self, x, y):
        p = self.forward(x)
        return -np.sum(y * np.log(p + 1e-14) + (1 - y) * np.log(1 - p + 1e-14)) / len(x)

    def gradients(self, x, y):
        inputs, p = self.walk(x)
        d = (p - y) / len(x)
        out = []
        for w, a in zip(self.weights[::-1], inputs[::-1]):
            out.insert(0, a.T @ d)
            d = (d @ w.T * a * (1 - a))[:, 1:]
        return out

    def train_step(self, x, y, learning_rate):
        for w, g in zip(self.weights, self.gradients(x, y)):
            w -= learning_rate * g


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
