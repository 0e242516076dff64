import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
SEED = 1


def sample(x, y, size):
    rng = np.random.default_rng(SEED)
    rows = rng.choice(len(x), size, replace=False)
    return x[rows], y[rows]


def fit(network, x, y):
    for step in range(800):
        xb, yb = sample(x, y, 32)
        network.train_step(xb, yb, 0.2)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, m**-0.5, (n, m)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [*self.W, *self.b]

    def forward(self, x):
        z = np.tanh(x @ self.W[0].T + self.b[0]) @ self.W[1].T + self.b[1]
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        h = np.tanh(x @ self.W[0].T + self.b[0])
        d = (self.forward(x) - y) / len(x)
        e = d @ self.W[1] * (1 - h * h)
        return [e.T @ x, d.T @ h, e.sum(0), d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
