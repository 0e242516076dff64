"""MNIST, six thousand images, each pixel standardised; the pixels of the rim are constant and stay zero."""

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (784, 60, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 32
EPOCHS = 15


class TanhNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        n_in, n_hid, n_out = sizes
        self.theta = np.concatenate(
            [
                rng.normal(0, np.sqrt(1 / n_in), n_in * n_hid),
                np.zeros(n_hid),
                rng.normal(0, np.sqrt(1 / n_hid), n_hid * n_out),
                np.zeros(n_out),
            ]
        )
        cuts = np.cumsum([n_in * n_hid, n_hid, n_hid * n_out])
        W1, self.b1, W2, self.b2 = np.split(self.theta, cuts)
        self.W1, self.W2 = W1.reshape(n_in, n_hid), W2.reshape(n_hid, n_out)

    def parameters(self):
        return [self.theta]

    def forward(self, x):
        self.h = np.tanh(x @ self.W1 + self.b1)
        z = self.h @ self.W2 + self.b2
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(self.forward(x) * y, axis=1))

    def gradients(self, x, y):
        d = (np.exp(self.forward(x)) - y) / len(x)
        e = d @ self.W2.T * (1 - self.h**2)
        return [np.concatenate([(x.T @ e).ravel(), e.sum(0), (self.h.T @ d).ravel(), d.sum(0)])]

    def train_step(self, x, y, learning_rate):
        self.theta -= learning_rate * self.gradients(x, y)[0]


def build(sizes, seed):
    return TanhNet(sizes, seed)


def data():
    d = load_dataset(require_mnist=True)
    x = d.x_train[:6000].astype(float)
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 0.1)
    x_test = (d.x_test.astype(float) - mean) / scale
    return (x - mean) / scale, one_hot(d.labels_train[:6000]), x_test, one_hot(d.labels_test)
