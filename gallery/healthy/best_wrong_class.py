"""A multi-class hinge: the score of the right class shall beat the best of the others by one."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 10)
BATCH_SIZE = 32
EPOCHS = 30


def LEARNING_RATE(epoch):
    return 0.1 / (1 + 0.1 * epoch)


def init(sizes, seed):
    rng = np.random.default_rng(seed)
    net = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        net.append(rng.normal(scale=(2 / m) ** 0.5, size=(m, n)))
        net.append(np.zeros(n))
    return net


def scores(net, x):
    acts = [x]
    for W, b in zip(net[:-2:2], net[1:-2:2]):
        acts.append(np.maximum(acts[-1] @ W + b, 0.0))
    return acts, acts[-1] @ net[-2] + net[-1]


def violation(s, y):
    right = (s * y).sum(axis=1)
    others = np.where(y > 0, -np.inf, s)
    rival = others.argmax(axis=1)
    return 1 + others.max(axis=1) - right, rival


class MaxMargin:
    def __init__(self, sizes, seed):
        self.net = init(sizes, seed)

    def parameters(self):
        return self.net

    def forward(self, x):
        return scores(self.net, x)[1]

    def loss(self, x, y):
        return float(np.maximum(violation(self.forward(x), y)[0], 0).mean())

    def gradients(self, x, y):
        acts, s = scores(self.net, x)
        margin, rival = violation(s, y)
        active = (margin > 0) / len(x)
        d = -y * active[:, None]
        d[np.arange(len(x)), rival] += active
        grads = []
        for i in range(len(acts) - 1, -1, -1):
            grads = [acts[i].T @ d, d.sum(axis=0), *grads]
            d = (d @ self.net[2 * i].T) * (acts[i] > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.net, self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return MaxMargin(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
