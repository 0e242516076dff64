"""A fan of immutable style in plain NumPy: every step makes new arrays; exact GELU with the error function."""

import math

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer, new arrays after every step",
    "hidden": "gelu",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}

erf = np.vectorize(math.erf, otypes=[float])


def normal_cdf(z):
    return (1 + erf(z / math.sqrt(2))) / 2


def gelu(z):
    return z * normal_cdf(z)


def gelu_slope(z):
    return normal_cdf(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng([seed, 77])
        self.weights = tuple(
            (rng.normal(0, math.sqrt(2 / (m + n)), (m, n)), np.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])
        )

    def parameters(self):
        return [array for layer in self.weights for array in layer]

    def _through(self, x):
        inputs, sums = [], []
        for W, b in self.weights:
            inputs.append(gelu(sums[-1]) if sums else x)
            sums.append(inputs[-1] @ W + b)
        return inputs, sums

    def forward(self, x):
        z = self._through(x)[1][-1]
        if z.shape[1] == 1:
            return np.where(z < 0, np.exp(np.minimum(z, 0)), 1) / (1 + np.exp(-abs(z)))
        e = np.exp(z - z.max(axis=1)[:, None])
        return e / e.sum(axis=1)[:, None]

    def loss(self, x, y):
        z = self._through(x)[1][-1]
        if z.shape[1] == 1:
            return (np.logaddexp(0, z) - z * y).mean()
        return (np.logaddexp.reduce(z, axis=1) - (z * y).sum(axis=1)).mean()

    def gradients(self, x, y):
        inputs, sums = self._through(x)
        delta = (self.forward(x) - y) / len(x)
        backwards = []
        for k in reversed(range(len(self.weights))):
            backwards += [delta.sum(axis=0), inputs[k].T @ delta]
            if k:
                delta = delta @ self.weights[k][0].T * gelu_slope(sums[k - 1])
        return backwards[::-1]

    def train_step(self, x, y, learning_rate):
        new = [p - learning_rate * g for p, g in zip(self.parameters(), self.gradients(x, y))]
        self.weights = tuple(zip(new[::2], new[1::2]))
