import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)


class Net:
    """tanh hidden units, softmax output, cross-entropy; plain gradient descent."""

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.shapes = [s for m, n in zip(sizes, sizes[1:]) for s in ((m, n), (n,))]
        parts = [rng.normal(0, s[0] ** -0.5, s) if len(s) == 2 else np.zeros(s) for s in self.shapes]
        self.flat = np.concatenate([p.ravel() for p in parts])

    def parameters(self):
        return [self.flat]

    def unpack(self, vector):
        out, at = [], 0
        for s in self.shapes:
            size = int(np.prod(s))
            out.append(vector[at : at + size].reshape(s))
            at += size
        return out

    def forward(self, x):
        W1, b1, W2, b2 = self.unpack(self.flat)
        z = np.tanh(x @ W1 + b1) @ W2 + b2
        p = np.exp(z - z.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)

    def loss(self, x, y):
        return -(y * np.log(self.forward(x) + 1e-15)).sum(1).mean()

    def gradients(self, x, y):
        W1, b1, W2, b2 = self.unpack(self.flat)
        h = np.tanh(x @ W1 + b1)
        d2 = (self.forward(x) - y) / len(x)
        d1 = d2 @ W2.T * (1 - h * h)
        return [np.concatenate([g.ravel() for g in (x.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0))])]

    def train_step(self, x, y, learning_rate):
        self.flat -= learning_rate * self.gradients(x, y)[0]


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    eta = 2e-5
    for epoch in range(25):
        p = rng.permutation(len(x))
        for i in range(0, len(p), 25):
            network.train_step(x[p[i : i + 25]], y[p[i : i + 25]], eta)
