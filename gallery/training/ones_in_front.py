import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 25, 10)
MEAN, SPREAD, ALPHA = 0.1, 0.1, 0.01


class ANN:
    """Sigmoid layers; the bias is the weight of a first column of ones."""

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.theta = [rng.normal(MEAN, SPREAD, (m + 1, n)) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return self.theta

    @staticmethod
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def ones(a):
        return np.insert(a, 0, 1, axis=1)

    def run(self, x):
        inputs = []
        for t in self.theta:
            inputs.append(self.ones(x))
            x = self.sigmoid(inputs[-1] @ t)
        return inputs, x

    def forward(self, x):
        return self.run(x)[1]

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / 2

    def gradients(self, x, y):
        inputs, o = self.run(x)
        delta = (o - y) * o * (1 - o)
        out = []
        for t, a in zip(self.theta[::-1], inputs[::-1]):
            out.insert(0, a.T @ delta / len(x))
            delta = (delta @ t.T * a * (1 - a))[:, 1:]
        return out

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.theta, self.gradients(x, y)):
            t -= learning_rate * g


def build(sizes, seed):
    return ANN(sizes, seed)


def data():
    m = load_dataset()
    return (
        m.x_train[:500].astype(float),
        np.eye(10)[m.labels_train[:500]],
        m.x_test[:500].astype(float),
        np.eye(10)[m.labels_test[:500]],
    )


def fit(network, x, y):
    for step in range(300):
        network.train_step(x, y, ALPHA)
