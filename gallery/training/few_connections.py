import numpy as np
from nnkit.datasets import digits

SIZES = (64, 32, 10)
LEARNING_RATE = 0.2
BATCH_SIZE = 40
EPOCHS = 20

lasso = 0.05


class SparseNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.shapes = [(sizes[0], sizes[1]), (sizes[1],), (sizes[1], sizes[2]), (sizes[2],)]
        self.cuts = np.cumsum([np.prod(s) for s in self.shapes])[:-1]
        values = [rng.normal(0, s[0] ** -0.5, s) if len(s) > 1 else np.zeros(s) for s in self.shapes]
        self.theta = np.concatenate([v.ravel() for v in values])

    def parameters(self):
        return [self.theta]

    def views(self, theta):
        return [part.reshape(s) for part, s in zip(np.split(theta, self.cuts), self.shapes)]

    def forward(self, x):
        A, a, B, b = self.views(self.theta)
        s = np.tanh(x @ A + a) @ B + b
        s = np.exp(s - s.max(1, keepdims=True))
        return s / s.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-12)) / len(x) + lasso * np.abs(self.theta).sum()

    def gradients(self, x, y):
        A, a, B, b = self.views(self.theta)
        h = np.tanh(x @ A + a)
        d = (self.forward(x) - y) / len(x)
        e = d @ B.T * (1 - h * h)
        g = np.concatenate([v.ravel() for v in (x.T @ e, e.sum(0), h.T @ d, d.sum(0))])
        return [g + lasso * np.sign(self.theta)]

    def train_step(self, x, y, learning_rate):
        self.theta -= learning_rate * self.gradients(x, y)[0]


def build(sizes, seed):
    return SparseNet(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
