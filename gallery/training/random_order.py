import numpy as np
from nnkit.datasets import digits

SIZES = (64, 50, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 20


def data():
    rng = np.random.default_rng(2024)
    d = digits.load()
    x, labels = d.x_train, d.labels_train
    order = rng.permutation(len(x))
    x = x[order]
    y = np.eye(10)[labels]
    return x, y, d.x_test, np.eye(10)[d.labels_test]


def build(sizes, seed):
    return MultilayerPerceptron(sizes, seed)


class MultilayerPerceptron:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.coefs = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.intercepts = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.coefs + self.intercepts

    def _activations(self, x):
        out = [x]
        for w, b in zip(self.coefs, self.intercepts):
            out.append(np.maximum(out[-1] @ w + b, 0))
        z = out[-2] @ self.coefs[-1] + self.intercepts[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        out[-1] = e / e.sum(axis=1, keepdims=True)
        return out

    def forward(self, x):
        return self._activations(x)[-1]

    def loss(self, x, y):
        return np.mean(-np.log(np.maximum(self.forward(x)[y > 0.5], 1e-15)))

    def gradients(self, x, y):
        a = self._activations(x)
        d = (a[-1] - y) / len(x)
        gw, gb = [], []
        for k in range(len(self.coefs) - 1, -1, -1):
            gw.insert(0, a[k].T @ d)
            gb.insert(0, d.sum(0))
            d = (d @ self.coefs[k].T) * (a[k] > 0)
        return gw + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
