import numpy as np
from nnkit.datasets import digits

SIZES = (64, 48, 10)
LEARNING_RATE = 0.3
BATCH_SIZE = 32
EPOCHS = 20


def neuron(n_inputs, seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, n_inputs) / np.sqrt(n_inputs)


def layer(n_inputs, n_units, seed):
    return np.array([neuron(n_inputs, seed) for unit in range(n_units)]).T


class build:
    def __init__(self, sizes, seed):
        *hidden, out = zip(sizes, sizes[1:])
        self.w = [layer(m, n, seed) for m, n in hidden] + [np.zeros(out)]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [*self.w, *self.b]

    def _pass(self, x):
        a = [x]
        for i, (w, b) in enumerate(zip(self.w, self.b)):
            z = a[-1] @ w + b
            a.append(1 / (1 + np.exp(-z)))
        return a

    def forward(self, x):
        return self._pass(x)[-1]

    def loss(self, x, y):
        p = self.forward(x)
        return -np.mean(np.sum(y * np.log(p + 1e-15) + (1 - y) * np.log(1 - p + 1e-15), axis=1))

    def gradients(self, x, y):
        a = self._pass(x)
        d = (a[-1] - y) / len(y)
        gw, gb = [], []
        for i in range(len(self.w) - 1, -1, -1):
            gw.append(a[i].T @ d)
            gb.append(d.sum(0))
            d = d @ self.w[i].T * a[i] * (1 - a[i])
        return gw[::-1] + gb[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p[...] = p - learning_rate * g


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
