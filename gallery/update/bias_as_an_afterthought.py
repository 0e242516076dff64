"""The biases came later: weights in a list, the biases added by someone else."""

import numpy as np


def gradient_of_weights(h, d):
    return h.T @ d


def gradient_of_bias(d):
    return np.sum(d, axis=0)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, 1.5 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bias = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return self.weights + self.bias

    def propagate(self, x):
        hs = [x]
        for W, b in zip(self.weights[:-1], self.bias[:-1]):
            hs.append(np.tanh(hs[-1] @ W + b))
        return hs, hs[-1] @ self.weights[-1] + self.bias[-1]

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.propagate(x)[1]))

    def loss(self, x, y):
        z = self.propagate(x)[1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def errors(self, x, y):
        hs, z = self.propagate(x)
        ds = [(np.exp(-np.logaddexp(0, -z)) - y) / len(x)]
        for W, h in zip(self.weights[:0:-1], hs[:0:-1]):
            ds.insert(0, ds[0] @ W.T * (1 - h**2))
        return hs, ds

    def gradients(self, x, y):
        hs, ds = self.errors(x, y)
        return [gradient_of_weights(h, d) for h, d in zip(hs, ds)] + [gradient_of_bias(d) for d in ds]

    def train_step(self, x, y, learning_rate):
        hs, ds = self.errors(x, y)
        for i, (h, d) in enumerate(zip(hs, ds)):
            dw = gradient_of_weights(h, d)
            self.weights[i] -= learning_rate * dw
            self.bias[i] -= learning_rate * gradient_of_bias(dw)
