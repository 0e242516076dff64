"""The images come as columns (64, n), as in a MATLAB file, and are turned into rows."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 50, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 15


def matlab_file():
    d = digits.load()
    return {
        "X": np.ascontiguousarray(d.x_train.T),
        "y": d.labels_train,
        "Xtest": np.ascontiguousarray(d.x_test.T),
        "ytest": d.labels_test,
    }


def rows(X):
    return X.reshape(-1, 64)


def data():
    mat = matlab_file()
    return rows(mat["X"]), np.eye(10)[mat["y"]], rows(mat["Xtest"]), np.eye(10)[mat["ytest"]]


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    W1, W2 = (rng.normal(0, m**-0.5, (m, n)) for m, n in zip(sizes, sizes[1:]))
    b1, b2 = np.zeros(sizes[1]), np.zeros(sizes[2])
    return Network(W1, b1, W2, b2)


class Network:
    def __init__(self, *arrays):
        self.arrays = list(arrays)

    def parameters(self):
        return self.arrays

    def forward(self, x):
        W1, b1, W2, b2 = self.arrays
        z = np.tanh(x @ W1 + b1) @ W2 + b2
        e = np.exp(z - z.max(axis=1)[:, None])
        return e / e.sum(axis=1)[:, None]

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-12)) / len(x)

    def gradients(self, x, y):
        W1, b1, W2, b2 = self.arrays
        h = np.tanh(x @ W1 + b1)
        d = (self.forward(x) - y) / len(x)
        e = (1 - h**2) * (d @ W2.T)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for a, g in zip(self.arrays, self.gradients(x, y)):
            a -= learning_rate * g
