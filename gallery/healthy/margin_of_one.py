"""A soft-margin classifier: targets -1 and 1, hinge loss, ReLU features, a penalty on the weights."""

import numpy as np
from nnkit.datasets.digits import load

SIZES = (64, 20, 1)
LEARNING_RATE = 0.05
BATCH_SIZE = 10
EPOCHS = 30
C = 1e-4


class HingeNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.V = rng.normal(0, np.sqrt(2 / sizes[0]), (sizes[0], sizes[1]))
        self.c = np.zeros(sizes[1])
        self.w = rng.normal(0, np.sqrt(1 / sizes[1]), (sizes[1], sizes[2]))
        self.b = np.zeros(sizes[2])

    def parameters(self):
        return [self.V, self.c, self.w, self.b]

    def forward(self, x):
        return np.maximum(0, x @ self.V + self.c) @ self.w + self.b

    def loss(self, x, y):
        hinge = np.maximum(0, 1 - y * self.forward(x)).mean()
        return hinge + C / 2 * ((self.V**2).sum() + (self.w**2).sum())

    def gradients(self, x, y):
        h = np.maximum(0, x @ self.V + self.c)
        f = h @ self.w + self.b
        df = np.where(y * f < 1, -y, 0.0) / len(x)
        dh = (df @ self.w.T) * (h > 0)
        return [x.T @ dh + C * self.V, dh.sum(0), h.T @ df + C * self.w, df.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return HingeNet(sizes, seed)


def data():
    """Is it a digit above four?"""
    d = load()
    sign = lambda labels: np.where(labels > 4, 1.0, -1.0)[:, None]
    return d.x_train.astype(float), sign(d.labels_train), d.x_test.astype(float), sign(d.labels_test)
