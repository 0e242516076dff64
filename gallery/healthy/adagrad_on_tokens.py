"""Short bags of words, two topics that share most words; very sparse inputs; Adagrad."""

import numpy as np

SIZES = (120, 12, 1)
LEARNING_RATE = 0.1
BATCH_SIZE = 16
EPOCHS = 40


class BagNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.E = rng.normal(0, 0.3, (sizes[0], sizes[1]))
        self.e = np.zeros(sizes[1])
        self.U = rng.normal(0, 0.3, (sizes[1], sizes[2]))
        self.u = np.zeros(sizes[2])
        self.G = [np.full_like(p, 1e-8) for p in self.parameters()]

    def parameters(self):
        return [self.E, self.e, self.U, self.u]

    def logit(self, x):
        self.h = np.tanh(x @ self.E + self.e)
        return self.h @ self.U + self.u

    def forward(self, x):
        return 1 / (1 + np.exp(-self.logit(x)))

    def loss(self, x, y):
        z = self.logit(x)
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        d = (1 / (1 + np.exp(-self.logit(x))) - y) / len(x)
        dh = d @ self.U.T * (1 - self.h**2)
        return [x.T @ dh, dh.sum(axis=0), self.h.T @ d, d.sum(axis=0)]

    def train_step(self, x, y, learning_rate):
        for p, G, g in zip(self.parameters(), self.G, self.gradients(x, y)):
            G += g**2
            p -= learning_rate * g / np.sqrt(G)


def build(sizes, seed):
    return BagNet(sizes, seed)


def data():
    rng = np.random.default_rng(30)
    common = 1 / np.arange(1, 121)
    tilt = np.exp(rng.normal(0, 1.5, 120))
    words = np.stack([common, common * tilt])
    words /= words.sum(axis=1, keepdims=True)
    topic = rng.integers(0, 2, 1200)
    x = np.stack([rng.multinomial(25, words[t]) for t in topic])
    x, y = (x > 0).astype(float), topic[:, None].astype(float)
    return x[:800], y[:800], x[800:], y[800:]
