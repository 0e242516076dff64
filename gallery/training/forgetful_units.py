import numpy as np
from nnkit.datasets import digits

SIZES = (64, 60, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 15


class DropoutNet:
    def __init__(self, sizes, seed, p_drop=0.95):
        self.rng = np.random.default_rng(seed)
        self.p_drop = p_drop
        self.W1 = self.rng.normal(0, np.sqrt(2 / sizes[0]), sizes[:2])
        self.b1 = np.zeros(sizes[1])
        self.W2 = self.rng.normal(0, np.sqrt(1 / sizes[1]), sizes[1:])
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def run(self, x, mask=1.0):
        h = np.maximum(0, x @ self.W1 + self.b1) * mask
        z = h @ self.W2 + self.b2
        e = np.exp(z - z.max(1, keepdims=True))
        return h, e / e.sum(1, keepdims=True)

    def forward(self, x):
        return self.run(x)[1]

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y, mask=1.0):
        h, p = self.run(x, mask)
        d = (p - y) / len(x)
        e = d @ self.W2.T * (h > 0) * mask
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        kept = self.rng.random((len(x), len(self.b1))) >= self.p_drop
        mask = kept / (1 - self.p_drop)
        for p, g in zip(self.parameters(), self.gradients(x, y, mask)):
            p -= learning_rate * g


def build(sizes, seed):
    return DropoutNet(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
