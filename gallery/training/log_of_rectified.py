import numpy as np
from nnkit.datasets import digits

SIZES = (64, 32, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 32
EPOCHS = 15
EPS = 1e-7


class Layer:
    def __init__(self, m, n, activation, rng):
        self.W = rng.normal(0, np.sqrt(2 / m), (m, n))
        self.b = np.zeros(n)
        self.activation = activation

    def __call__(self, x):
        self.x = x
        z = x @ self.W + self.b
        if self.activation == "relu":
            self.y = np.maximum(z, 0)
        else:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def back(self, dy):
        if self.activation == "relu":
            dz = dy * (self.y > 0)
        else:
            dz = self.y * (dy - np.sum(dy * self.y, axis=1, keepdims=True))
        self.grads = [self.x.T @ dz, dz.sum(axis=0)]
        return dz @ self.W.T


class Net:
    def __init__(self, sizes, seed, output="relu"):
        rng = np.random.default_rng(seed)
        kinds = ["relu"] * (len(sizes) - 2) + [output]
        self.layers = [Layer(m, n, k, rng) for m, n, k in zip(sizes, sizes[1:], kinds)]

    def parameters(self):
        return [p for l in self.layers for p in (l.W, l.b)]

    def forward(self, x):
        for l in self.layers:
            x = l(x)
        return x

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + EPS)) / len(x)

    def gradients(self, x, y):
        d = -y / (self.forward(x) + EPS) / len(x)
        for l in self.layers[::-1]:
            d = l.back(d)
        return [g for l in self.layers for g in l.grads]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
