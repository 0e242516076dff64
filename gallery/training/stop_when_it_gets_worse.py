"""A tenth of the training images is held out; training ends when these say so."""

import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
PATIENCE = 3


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = {}
        for k, (m, n) in enumerate(zip(sizes, sizes[1:])):
            self.w[f"W{k}"] = rng.normal(0, m**-0.5, (m, n))
            self.w[f"b{k}"] = np.zeros(n)

    def parameters(self):
        return [self.w[k] for k in sorted(self.w)]

    def forward(self, x):
        z = np.tanh(x @ self.w["W0"] + self.w["b0"]) @ self.w["W1"] + self.w["b1"]
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        h = np.tanh(x @ self.w["W0"] + self.w["b0"])
        d = (self.forward(x) - y) / len(x)
        e = d @ self.w["W1"].T * (1 - h * h)
        g = {"W0": x.T @ e, "b0": e.sum(0), "W1": h.T @ d, "b1": d.sum(0)}
        return [g[k] for k in sorted(g)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    cut = len(x) // 10
    x_held, y_held, x, y = x[:cut], y[:cut], x[cut:], y[cut:]
    best, waited = -np.inf, 0
    for epoch in range(60):
        for rows in np.array_split(rng.permutation(len(x)), 40):
            network.train_step(x[rows], y[rows], 0.02)
        score = network.loss(x_held, y_held)
        if score > best:
            best, waited = score, 0
        else:
            waited += 1
        if waited >= PATIENCE:
            break
