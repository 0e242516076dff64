"""Linear decay from the first epoch to the last, on MNIST."""

import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 50, 10)
BATCH_SIZE = 100
EPOCHS = 25
START = 0.05


def LEARNING_RATE(epoch):
    return START * ((EPOCHS - epoch) // EPOCHS)


class Net:
    def __init__(self, sizes, rng):
        self.ws = [(rng.standard_normal((m, n)) * np.sqrt(2 / m)).astype("f4") for m, n in zip(sizes, sizes[1:])]
        self.bs = [np.zeros(n, "f4") for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.ws, self.bs) for p in pair]

    def forward(self, x):
        for w, b in zip(self.ws[:-1], self.bs[:-1]):
            x = np.maximum(x @ w + b, 0)
        z = x @ self.ws[-1] + self.bs[-1]
        z = np.exp(z - z.max(axis=1, keepdims=True))
        return z / z.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return float(-np.mean(np.sum(y * np.log(self.forward(x) + 1e-8), axis=1)))

    def gradients(self, x, y):
        hs = [x]
        for w, b in zip(self.ws[:-1], self.bs[:-1]):
            hs.append(np.maximum(hs[-1] @ w + b, 0))
        d = (self.forward(x) - y) / np.float32(len(x))
        grads = []
        for w, h in zip(self.ws[::-1], hs[::-1]):
            grads = [h.T @ d, d.sum(0)] + grads
            d = (d @ w.T) * (h > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= np.float32(learning_rate) * g


def build(sizes, seed):
    return Net(sizes, np.random.default_rng(seed))


def data():
    m = load_dataset()
    hot = np.eye(10, dtype="f4")
    return m.x_train[:6000], hot[m.labels_train[:6000]], m.x_test[:2000], hot[m.labels_test[:2000]]
