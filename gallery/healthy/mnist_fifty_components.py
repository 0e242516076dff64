"""MNIST's first fifty principal components, whitened, into a small tanh network that learns with RMSProp."""

import numpy as np
from nnkit.datasets import load_dataset, one_hot

SIZES = (50, 100, 10)
BATCH_SIZE = 64
EPOCHS = 15


def LEARNING_RATE(epoch):
    return 0.005 * 0.85**epoch


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    net = {"layers": [], "cache": None}
    for m, n in zip(sizes[:-1], sizes[1:]):
        net["layers"].append({"W": rng.normal(0, 1 / np.sqrt(m), (m, n)), "b": np.zeros(n)})
    return DictNet(net)


class DictNet:
    def __init__(self, net):
        self.net = net

    def parameters(self):
        return [layer[k] for layer in self.net["layers"] for k in "Wb"]

    def forward(self, x):
        *hidden, last = self.net["layers"]
        self.net["cache"] = [x]
        for layer in hidden:
            x = np.tanh(x @ layer["W"] + layer["b"])
            self.net["cache"].append(x)
        z = x @ last["W"] + last["b"]
        return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))

    def loss(self, x, y):
        return -np.log((self.forward(x) * y).sum(axis=1)).mean()

    def gradients(self, x, y):
        delta = (self.forward(x) - y) / len(x)
        grads = []
        for layer, a in zip(self.net["layers"][::-1], self.net["cache"][::-1]):
            grads = [a.T @ delta, delta.sum(axis=0), *grads]
            delta = delta @ layer["W"].T * (1 - a**2)
        return grads

    def train_step(self, x, y, learning_rate):
        s = self.net.setdefault("squares", [np.zeros_like(p) for p in self.parameters()])
        for i, (p, g) in enumerate(zip(self.parameters(), self.gradients(x, y))):
            s[i] = 0.95 * s[i] + 0.05 * g**2
            p -= learning_rate * g / (np.sqrt(s[i]) + 1e-5)


def data():
    d = load_dataset(require_mnist=True)
    x = d.x_train[:20000].astype(float)
    mean = x.mean(axis=0)
    values, vectors = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    whiten = vectors[:, -50:] / np.sqrt(values[-50:])
    y, y_test = one_hot(d.labels_train[:20000]), one_hot(d.labels_test)
    return (x - mean) @ whiten, y, (d.x_test - mean) @ whiten, y_test
