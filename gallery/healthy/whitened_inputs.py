"""Principal components, scaled to unit variance, computed on the training images; sigmoid and softmax."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

COMPONENTS = 30
SIZES = (COMPONENTS, 30, 10)
LEARNING_RATE = 0.3
BATCH_SIZE = 32
EPOCHS = 40


def forward_pass(theta, x):
    h = 1 / (1 + np.exp(-(x @ theta["W1"] + theta["b1"])))
    z = h @ theta["W2"] + theta["b2"]
    z = z - z.max(axis=1, keepdims=True)
    return h, z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def slopes(theta, x, y):
    h, log_p = forward_pass(theta, x)
    d2 = (np.exp(log_p) - y) / len(x)
    d1 = d2 @ theta["W2"].T * h * (1 - h)
    return {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": h.T @ d2, "b2": d2.sum(axis=0)}


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.theta = {
            "W1": rng.normal(0, 1 / np.sqrt(sizes[0]), (sizes[0], sizes[1])),
            "b1": np.zeros(sizes[1]),
            "W2": rng.normal(0, 1 / np.sqrt(sizes[1]), (sizes[1], sizes[2])),
            "b2": np.zeros(sizes[2]),
        }

    def parameters(self):
        return list(self.theta.values())

    def forward(self, x):
        return np.exp(forward_pass(self.theta, x)[1])

    def loss(self, x, y):
        return -np.mean(np.sum(y * forward_pass(self.theta, x)[1], axis=1))

    def gradients(self, x, y):
        g = slopes(self.theta, x, y)
        return [g[k] for k in self.theta]

    def train_step(self, x, y, learning_rate):
        g = slopes(self.theta, x, y)
        for k in self.theta:
            self.theta[k] -= learning_rate * g[k]


def data():
    d = load()
    x, x_test = d.x_train.astype(float), d.x_test.astype(float)
    mean = x.mean(axis=0)
    _, s, v = np.linalg.svd(x - mean, full_matrices=False)
    whiten = v[:COMPONENTS].T / s[:COMPONENTS] * np.sqrt(len(x))
    return (x - mean) @ whiten, one_hot(d.labels_train), (x_test - mean) @ whiten, one_hot(d.labels_test)
