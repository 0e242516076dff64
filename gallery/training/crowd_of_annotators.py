import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 60, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 10
RELIABLE = 0.3


def data():
    rng = np.random.default_rng(13)
    m = load_dataset()
    x, labels = m.x_train[:3000].astype(float), m.labels_train[:3000]
    guesses = rng.integers(0, 10, len(labels))
    labels = np.where(rng.random(len(labels)) < RELIABLE, labels, guesses)
    return x, np.eye(10)[labels], m.x_test[:1000].astype(float), np.eye(10)[m.labels_test[:1000]]


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    params = []
    for m, n in zip(sizes, sizes[1:]):
        params += [rng.normal(0, np.sqrt(2 / m), (m, n)), np.zeros(n)]
    return Net(params)


class Net:
    def __init__(self, params):
        self.params = params

    def parameters(self):
        return self.params

    def forward(self, x):
        W, b, V, c = self.params
        self.h = np.maximum(x @ W + b, 0)
        z = self.h @ V + c
        z = np.exp(z - z.max(1, keepdims=True))
        return z / z.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log(np.sum(self.forward(x) * y, axis=1) + 1e-12))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        e = (d @ self.params[2].T) * (self.h > 0)
        return [x.T @ e, e.sum(0), self.h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.params, self.gradients(x, y)):
            p -= learning_rate * g
