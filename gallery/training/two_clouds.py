"""Two clouds of points; the derivative of the cross-entropy as it stands in the book."""

import numpy as np

SIZES = (2, 8, 1)
LEARNING_RATE = 0.01
BATCH_SIZE = 20
EPOCHS = 60


def data():
    rng = np.random.default_rng(2)
    y = np.repeat([[0.0], [1.0]], 150, axis=0)
    x = 20 * rng.normal(size=(300, 2)) + np.where(y == 1, [100, -40], [-40, 100])
    return x, y


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1, self.b1 = rng.normal(0, np.sqrt(2 / sizes[0]), sizes[:2]), np.zeros(sizes[1])
        self.W2, self.b2 = rng.normal(0, np.sqrt(2 / sizes[1]), sizes[1:]), np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def output(self, x):
        self.h = np.maximum(x @ self.W1 + self.b1, 0.1 * (x @ self.W1 + self.b1))
        return 1 / (1 + np.exp(-(self.h @ self.W2 + self.b2)))

    def forward(self, x):
        return self.output(x)

    def loss(self, x, y):
        p = self.output(x)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        p = self.output(x)
        dp = (-y / p + (1 - y) / (1 - p)) / len(x)
        d = dp * p * (1 - p)
        e = d @ self.W2.T * np.where(self.h > 0, 1, 0.1)
        return [x.T @ e, e.sum(0), self.h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
