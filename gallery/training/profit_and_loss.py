import numpy as np

SIZES = (3, 32, 1)
LEARNING_RATE = 0.02
BATCH_SIZE = 20
EPOCHS = 80


class Dense:
    def __init__(self, m, n, relu, rng):
        self.W = rng.normal(0, np.sqrt(2 / m), (m, n))
        self.b = np.zeros(n)
        self.relu = relu

    def forward(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        return np.maximum(self.z, 0) if self.relu else self.z

    def backward(self, d):
        if self.relu:
            d = np.where(self.z > 0, d, 0)
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T


class Balance:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Dense(m, n, True, rng) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for l in self.layers for p in (l.W, l.b)]

    def forward(self, x):
        for l in self.layers:
            x = l.forward(x)
        return x

    def loss(self, x, y):
        return float(np.mean((self.forward(x) - y) ** 2))

    def gradients(self, x, y):
        d = 2 * (self.forward(x) - y) / len(x)
        for l in reversed(self.layers):
            d = l.backward(d)
        return [g for l in self.layers for g in (l.dW, l.db)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Balance(sizes, seed)


def data():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(400, 3))
    balance = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) - 0.5
    return x, balance[:, None]
