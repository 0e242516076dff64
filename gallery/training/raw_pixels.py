import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 40, 10)
LEARNING_RATE = 0.3
BATCH_SIZE = 32
EPOCHS = 5


def logistic(z):
    return 1 / (1 + np.exp(-z.clip(-60, 60)))


class Perceptron:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.uniform(-1, 1, (m, n)) * np.sqrt(3 / m) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def forward(self, x):
        for W, b in zip(self.W, self.b):
            x = logistic(x @ W + b)
        return x

    def loss(self, x, y):
        p = self.forward(x).clip(1e-9, 1 - 1e-9)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1).mean()

    def gradients(self, x, y):
        h = logistic(x @ self.W[0] + self.b[0])
        o = logistic(h @ self.W[1] + self.b[1])
        do = (o - y) / len(x)
        dh = do @ self.W[1].T * h * (1 - h)
        return [x.T @ dh, h.T @ do, dh.sum(0), do.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Perceptron(sizes, seed)


def load(images, labels, n):
    pixels = np.round(images[:n] * 255)
    return pixels.astype(np.float64), np.eye(10)[labels[:n]]


def data():
    m = load_dataset()
    return *load(m.x_train, m.labels_train, 5000), *load(m.x_test, m.labels_test, 1000)
