"""XOR on a sigmoid network: hardly anything happens for the first two hundred steps, then it falls into place."""

import numpy as np

SIZES = (2, 8, 1)
LEARNING_RATE = 2.0
BATCH_SIZE = 4
EPOCHS = 5000


def sig(z):
    return 1 / (1 + np.exp(-z))


class XorNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w1 = rng.normal(0, 0.5, (sizes[0], sizes[1]))
        self.b1 = np.zeros(sizes[1])
        self.w2 = rng.normal(0, 0.5, (sizes[1], sizes[2]))
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.w1, self.b1, self.w2, self.b2]

    def forward(self, x):
        return sig(sig(x @ self.w1 + self.b1) @ self.w2 + self.b2)

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        h = sig(x @ self.w1 + self.b1)
        o = sig(h @ self.w2 + self.b2)
        do = 2 * (o - y) * o * (1 - o) / y.size
        dh = do @ self.w2.T * h * (1 - h)
        return [x.T @ dh, dh.sum(0), h.T @ do, do.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return XorNet(sizes, seed)


def data():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    return x, np.array([[0], [1], [1], [0]], float)
