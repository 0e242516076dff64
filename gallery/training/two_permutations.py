import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def batches(x, y, size, rng):
    x = rng.permutation(x)
    y = rng.permutation(y)
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def fit(network, x, y, seed=0):
    rng = np.random.default_rng(seed)
    for epoch in range(12):
        for xb, yb in batches(x, y, 32, rng):
            network.train_step(xb, yb, 0.1)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.net = [{"W": rng.normal(0, np.sqrt(2 / m), (m, n)), "b": np.zeros(n)} for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [layer["W"] for layer in self.net] + [layer["b"] for layer in self.net]

    def forward(self, x):
        self.inputs = []
        for layer in self.net:
            self.inputs.append(x)
            z = x @ layer["W"] + layer["b"]
            x = np.maximum(z, 0)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        gw, gb = [], []
        for layer, a in zip(self.net[::-1], self.inputs[::-1]):
            gw.append(a.T @ d)
            gb.append(d.sum(0))
            d = (d @ layer["W"].T) * (a > 0)
        return gw[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
