import numpy as np
from nnkit.datasets import digits

HIDDEN = 2
SIZES = (64, HIDDEN, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 20


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


class ReLU:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, d):
        return d * self.on

    values, slopes = (), ()


class Linear:
    def __init__(self, m, n, rng):
        self.w, self.b = rng.normal(0, np.sqrt(2 / m), (m, n)), np.zeros(n)
        self.values = (self.w, self.b)

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, d):
        self.slopes = (self.x.T @ d, d.sum(0))
        return d @ self.w.T


class Sequence:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.steps = [Linear(sizes[0], sizes[1], rng)]
        for m, n in zip(sizes[1:], sizes[2:]):
            self.steps += [ReLU(), Linear(m, n, rng)]

    def parameters(self):
        return [v for s in self.steps for v in s.values]

    def scores(self, x):
        for s in self.steps:
            x = s.forward(x)
        return x

    def forward(self, x):
        z = self.scores(x)
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((y * self.forward(x)).sum(1) + 1e-20))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        for s in reversed(self.steps):
            d = s.backward(d)
        return [g for s in self.steps for g in s.slopes]

    def train_step(self, x, y, learning_rate):
        for v, g in zip(self.parameters(), self.gradients(x, y)):
            v -= learning_rate * g


build = Sequence
