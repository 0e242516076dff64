import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 32
EPOCHS = 20


def to_categorical(labels, classes):
    y = np.zeros((len(labels), classes))
    np.put(y, labels, 1)
    return y


def data():
    d = digits.load()
    return d.x_train, to_categorical(d.labels_train, 10), d.x_test, to_categorical(d.labels_test, 10)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def layers(self, x):
        h = 1 / (1 + np.exp(-(x @ self.W[0] + self.b[0])))
        return h, 1 / (1 + np.exp(-(h @ self.W[1] + self.b[1])))

    def forward(self, x):
        return self.layers(x)[1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        return -np.mean(np.sum(y * np.log(p) + (1 - y) * np.log(1 - p), axis=1))

    def gradients(self, x, y):
        h, p = self.layers(x)
        d = (p - y) / len(x)
        e = (d @ self.W[1].T) * h * (1 - h)
        return [x.T @ e, h.T @ d, e.sum(0), d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
