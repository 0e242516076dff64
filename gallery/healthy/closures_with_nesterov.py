"""No classes but one to hold functions: everything is a closure over a list of arrays. Nesterov's momentum."""

from types import SimpleNamespace

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 64
EPOCHS = 40


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    theta = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        limit = np.sqrt(6 / (m + n))
        theta += [rng.uniform(-limit, limit, (m, n)), np.zeros((1, n))]
    velocity = [np.zeros_like(t) for t in theta]
    mu = 0.9

    def run(x):
        hs = [x]
        for i in range(0, len(theta) - 2, 2):
            hs.append(np.tanh(hs[-1] @ theta[i] + theta[i + 1]))
        z = hs[-1] @ theta[-2] + theta[-1]
        z = z - z.max(axis=1, keepdims=True)
        return hs, z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    def forward(x):
        return np.exp(run(x)[1])

    def loss(x, y):
        return -np.mean(np.sum(y * run(x)[1], axis=1))

    def gradients(x, y):
        hs, log_p = run(x)
        d = (np.exp(log_p) - y) / len(x)
        out = []
        for i in range(len(theta) - 2, -1, -2):
            h = hs[i // 2]
            out = [h.T @ d, d.sum(axis=0, keepdims=True), *out]
            d = (d @ theta[i].T) * (1 - h**2)
        return out

    def train_step(x, y, learning_rate):
        for t, v, g in zip(theta, velocity, gradients(x, y)):
            v *= mu
            v -= learning_rate * g
            t += mu * v - learning_rate * g

    return SimpleNamespace(
        parameters=lambda: theta, forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
