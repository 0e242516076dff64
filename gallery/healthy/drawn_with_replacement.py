"""Batches are drawn with replacement: no epochs, some samples come thrice before others come once."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 32, 10)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, rng):
        self.params = {
            "W1": rng.normal(0, 1 / np.sqrt(input_size), (input_size, hidden_size)),
            "b1": np.zeros(hidden_size),
            "W2": rng.normal(0, 1 / np.sqrt(hidden_size), (hidden_size, output_size)),
            "b2": np.zeros(output_size),
        }

    def parameters(self):
        return [self.params[k] for k in ("W1", "b1", "W2", "b2")]

    def forward(self, x):
        z1 = sigmoid(x @ self.params["W1"] + self.params["b1"])
        a2 = z1 @ self.params["W2"] + self.params["b2"]
        e = np.exp(a2 - a2.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def loss(self, x, t):
        return -np.sum(t * np.log(self.forward(x) + 1e-7)) / len(x)

    def gradients(self, x, t):
        z1 = sigmoid(x @ self.params["W1"] + self.params["b1"])
        dy = (self.forward(x) - t) / len(x)
        da1 = (dy @ self.params["W2"].T) * z1 * (1 - z1)
        return [x.T @ da1, da1.sum(axis=0), z1.T @ dy, dy.sum(axis=0)]

    def train_step(self, x, t, learning_rate):
        for key, grad in zip(("W1", "b1", "W2", "b2"), self.gradients(x, t)):
            self.params[key] -= learning_rate * grad


def build(sizes, seed):
    return TwoLayerNet(*sizes, np.random.default_rng(seed))


def fit(network, x, y, seed):
    np_rng = np.random.default_rng(seed)
    iters_num, train_size, batch_size, learning_rate = 3000, len(x), 50, 0.8
    for i in range(iters_num):
        batch_mask = np_rng.choice(train_size, batch_size)
        network.train_step(x[batch_mask], y[batch_mask], learning_rate)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
