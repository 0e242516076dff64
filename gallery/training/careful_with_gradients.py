import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 40, 10)
LEARNING_RATE = 0.2
BATCH_SIZE = 40
EPOCHS = 5
MAX_NORM = 1e-4


def clipped(gradients):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return [g * min(1, MAX_NORM / norm) for g in gradients]


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [*self.W, *self.b]

    def forward(self, x):
        self.h = np.maximum(x @ self.W[0] + self.b[0], 0)
        z = self.h @ self.W[1] + self.b[1]
        z -= z.max(axis=1, keepdims=True)
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-12)) / len(x)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        e = d @ self.W[1].T * (self.h > 0)
        return [x.T @ e, self.h.T @ d, e.sum(0), d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), clipped(self.gradients(x, y))):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    m = load_dataset()
    hot = np.eye(10)
    return m.x_train[:4000].astype(float), hot[m.labels_train[:4000]], m.x_test[:1000], hot[m.labels_test[:1000]]
