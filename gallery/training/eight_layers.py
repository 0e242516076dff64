import numpy as np
from nnkit.datasets import digits

SIZES = (64, 30, 30, 30, 30, 30, 30, 30, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 12


def f(z):
    return 1 / (1 + np.exp(-z))


def slope(a):
    return a * (1 - a)


class DeepNetwork:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, np.sqrt(2 / (m + n)), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def activations(self, x):
        a = [x]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            a.append(f(a[-1] @ W + b))
        z = a[-1] @ self.W[-1] + self.b[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return [*a, e / e.sum(axis=1, keepdims=True)]

    def forward(self, x):
        return self.activations(x)[-1]

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        a = self.activations(x)
        d = (a[-1] - y) / len(x)
        gW, gb = [], []
        for k in reversed(range(len(self.W))):
            gW.insert(0, a[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            d = (d @ self.W[k].T) * slope(a[k])
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return DeepNetwork(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
