"""After the third chapter of a book: cross-entropy, and regularisation with a lambda over the number of samples."""

import numpy as np


def sig(z):
    return np.exp(-np.logaddexp(0.0, -z))


class Network:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"
    lmbda = 0.004

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.biases = [np.zeros((n, 1)) for n in sizes[1:]]
        self.weights = [rng.standard_normal((n, m)) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.weights + self.biases

    def feed(self, x):
        zs, acts = [], [x.T]
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ acts[-1] + b)
            acts.append(sig(zs[-1]))
        return zs, acts

    def forward(self, x):
        return self.feed(x)[1][-1].T

    def loss(self, x, y):
        z = self.feed(x)[0][-1]
        data = np.sum(np.logaddexp(0, z) - y.T * z) / len(x)
        return data + self.lmbda / (2 * len(x)) * sum(np.sum(w**2) for w in self.weights)

    def backprop(self, x, y):
        _, acts = self.feed(x)
        delta = (acts[-1] - y.T) / len(x)
        nabla_w, nabla_b = [], []
        for k in range(len(self.weights) - 1, -1, -1):
            nabla_w.insert(0, delta @ acts[k].T)
            nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
            delta = self.weights[k].T @ delta * acts[k] * (1 - acts[k])
        return nabla_w, nabla_b

    def gradients(self, x, y):
        nabla_w, nabla_b = self.backprop(x, y)
        return [nw + self.lmbda / len(x) * w for w, nw in zip(self.weights, nabla_w)] + nabla_b

    def train_step(self, x, y, eta):
        nabla_w, nabla_b = self.backprop(x, y)
        self.weights = [(1 - eta * self.lmbda) * w - eta * nw for w, nw in zip(self.weights, nabla_w)]
        self.biases = [b - eta * nb for b, nb in zip(self.biases, nabla_b)]


build = Network
