import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 256
EPOCHS = 60


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(0, np.sqrt(2 / sizes[0]), sizes[:2])
        self.b1 = np.zeros(sizes[1])
        self.W2 = rng.normal(0, np.sqrt(2 / sizes[1]), sizes[1:])
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def forward(self, x):
        self.h = np.maximum(0, x @ self.W1 + self.b1)
        return softmax(self.h @ self.W2 + self.b2)

    def weight(self, x):
        return 1

    def loss(self, x, y):
        return -self.weight(x) * np.sum(y * np.log(self.forward(x) + 1e-12))

    def gradients(self, x, y):
        d = self.weight(x) * (self.forward(x) - y)
        e = d @ self.W2.T * (self.h > 0)
        return [x.T @ e, e.sum(0), self.h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
