"""Two-layer net as on the slides of lecture four: params in a dict, cache in a dict."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 32, 10)
LEARNING_RATE = 0.2
BATCH_SIZE = 64
EPOCHS = 25


def initialize_parameters(n_x, n_h, n_y):
    return {
        "W1": np.zeros((n_h, n_x)),
        "b1": np.zeros((n_h, 1)),
        "W2": np.zeros((n_y, n_h)),
        "b2": np.zeros((n_y, 1)),
    }


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class TwoLayerNet:
    def __init__(self, sizes, seed):
        np.random.seed(seed)
        self.params = initialize_parameters(*sizes)

    def parameters(self):
        return list(self.params.values())

    def forward_propagation(self, X):
        p = self.params
        Z1 = p["W1"] @ X + p["b1"]
        A1 = np.tanh(Z1)
        Z2 = p["W2"] @ A1 + p["b2"]
        return {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": sigmoid(Z2)}

    def forward(self, x):
        return self.forward_propagation(x.T)["A2"].T

    def loss(self, x, y):
        a = np.clip(self.forward(x), 1e-10, 1 - 1e-10)
        return -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / len(x)

    def gradients(self, x, y):
        m = len(x)
        cache = self.forward_propagation(x.T)
        dZ2 = cache["A2"] - y.T
        dW2 = dZ2 @ cache["A1"].T / m
        db2 = dZ2.sum(axis=1, keepdims=True) / m
        dZ1 = (self.params["W2"].T @ dZ2) * (1 - cache["A1"] ** 2)
        dW1 = dZ1 @ x / m
        db1 = dZ1.sum(axis=1, keepdims=True) / m
        return [dW1, db1, dW2, db2]

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        for name, g in zip(self.params, grads):
            self.params[name] -= learning_rate * g


build = TwoLayerNet


def data():
    d = digits.load()
    Y = (np.arange(10) == d.labels_train[:, None]).astype(float)
    Y_test = (np.arange(10) == d.labels_test[:, None]).astype(float)
    return d.x_train.astype(float), Y, d.x_test.astype(float), Y_test
