import numpy as np
from nnkit.datasets import digits

SIZES = (64, 30, 30, 10)


class Dense:
    def __init__(self, n_in, n_out, f, rng):
        self.W = np.full((n_in, n_out), 0.05)
        self.b = np.zeros(n_out)
        self.f = f

    def __call__(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        if self.f == "relu":
            return np.maximum(self.z, 0)
        return self.z

    def backward(self, d):
        if self.f == "relu":
            d = d * (self.z > 0)
        self.dW = self.x.T @ d
        self.db = d.sum(axis=0)
        return d @ self.W.T


class MLP:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for i in range(len(sizes) - 1):
            last = i == len(sizes) - 2
            self.layers.append(Dense(sizes[i], sizes[i + 1], None if last else "relu", rng))

    def parameters(self):
        return [p for l in self.layers for p in (l.W, l.b)]

    def forward(self, x):
        for l in self.layers:
            x = l(x)
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return float(-np.log((self.forward(x) * y).sum(1) + 1e-300).mean())

    def gradients(self, x, y):
        d = (self.forward(x) - y) / x.shape[0]
        for l in reversed(self.layers):
            d = l.backward(d)
        return [g for l in self.layers for g in (l.dW, l.db)]

    def train_step(self, x, y, learning_rate):
        self.gradients(x, y)
        for l in self.layers:
            l.W -= learning_rate * l.dW
            l.b -= learning_rate * l.db


def build(sizes, seed):
    return MLP(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y):
    rng = np.random.default_rng(7)
    for epoch in range(20):
        idx = rng.permutation(len(x))
        for s in range(0, len(x), 50):
            rows = idx[s : s + 50]
            network.train_step(x[rows], y[rows], 0.1)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {network.loss(x, y):.4f}")
