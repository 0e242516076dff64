import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
EPOCHS = 15


def glorot(m, n, rng):
    limit = np.sqrt(6 / (m + n))
    return rng.uniform(-limit, limit, (m, n))


class Net:
    def __init__(self, sizes, seed):
        self.sizes = sizes
        self.theta = [np.zeros(s) for m, n in zip(sizes, sizes[1:]) for s in ((m, n), (n,))]
        initialise(self, seed)

    def parameters(self):
        return self.theta

    def forward(self, x):
        W, b, V, c = self.theta
        z = np.tanh(x @ W + b) @ V + c
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-12), axis=1))

    def gradients(self, x, y):
        W, b, V, c = self.theta
        h = np.tanh(x @ W + b)
        d = (self.forward(x) - y) / len(x)
        e = d @ V.T * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.theta, self.gradients(x, y)):
            p -= learning_rate * g


def initialise(network, seed):
    rng = np.random.default_rng(seed)
    for p in network.parameters():
        p[...] = glorot(*p.shape, rng) if p.ndim == 2 else 0


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for epoch in range(EPOCHS):
        initialise(network, seed)
        for rows in np.array_split(rng.permutation(len(x)), 30):
            network.train_step(x[rows], y[rows], 0.1)
