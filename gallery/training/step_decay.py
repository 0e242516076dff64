import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
BATCH_SIZE = 32
EPOCHS = 25
LEARNING_RATE = lambda epoch: 0.01 * 0.1**epoch


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def build(sizes, seed):
    np.random.seed(seed)
    net = {"sizes": sizes}
    for k in range(1, len(sizes)):
        net[f"W{k}"] = np.random.randn(sizes[k - 1], sizes[k]) * np.sqrt(1 / sizes[k - 1])
        net[f"b{k}"] = np.zeros(sizes[k])
    return Model(net)


class Model:
    def __init__(self, net):
        self.net, self.last = net, len(net["sizes"]) - 1
        self.v = {k: np.zeros_like(net[k]) for k in self.names()}

    def names(self):
        return [f"{s}{k}" for k in range(1, self.last + 1) for s in "Wb"]

    def parameters(self):
        return [self.net[k] for k in self.names()]

    def feed(self, x):
        a = {0: x}
        for k in range(1, self.last + 1):
            z = a[k - 1] @ self.net[f"W{k}"] + self.net[f"b{k}"]
            a[k] = softmax(z) if k == self.last else np.tanh(z)
        return a

    def forward(self, x):
        return self.feed(x)[self.last]

    def loss(self, x, y):
        return np.mean(-np.sum(y * np.log(self.forward(x) + 1e-10), axis=1))

    def grad(self, x, y):
        a, g = self.feed(x), {}
        d = (a[self.last] - y) / x.shape[0]
        for k in range(self.last, 0, -1):
            g[f"W{k}"], g[f"b{k}"] = a[k - 1].T @ d, d.sum(0)
            d = d @ self.net[f"W{k}"].T * (1 - a[k - 1] ** 2)
        return g

    def gradients(self, x, y):
        g = self.grad(x, y)
        return [g[k] for k in self.names()]

    def train_step(self, x, y, learning_rate):
        g = self.grad(x, y)
        for k in self.names():
            self.v[k] = 0.9 * self.v[k] - learning_rate * g[k]
            self.net[k] += self.v[k]


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
