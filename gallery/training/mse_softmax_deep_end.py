import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    state = dict(
        U=rng.normal(0, 1 / np.sqrt(sizes[0]), (sizes[0], sizes[1])),
        u=np.zeros(sizes[1]),
        V=rng.normal(0, 8, (sizes[1], sizes[2])),
        v=np.zeros(sizes[2]),
    )
    return Network(state)


class Network:
    def __init__(self, state):
        self.__dict__.update(state)

    def parameters(self):
        return [self.U, self.u, self.V, self.v]

    def forward(self, x):
        z = np.tanh(x @ self.U + self.u) @ self.V + self.v
        z = np.exp(z - z.max(axis=1, keepdims=True))
        return z / z.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        h = np.tanh(x @ self.U + self.u)
        p = self.forward(x)
        e = (p - y) / len(x)
        d = p * (e - (e * p).sum(axis=1, keepdims=True))
        dh = (d @ self.V.T) * (1 - h * h)
        return [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 32):
            b = order[i : i + 32]
            network.train_step(x[b], y[b], 0.3)
