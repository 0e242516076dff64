"""A scientist with SciPy at hand: expit, softmax and logsumexp from the shelf, a dataclass for a layer, Adam by momenta."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logsumexp, softmax

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer",
    "hidden": "sigmoid",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": "l2 1e-4 on weights",
    "update": "adam 0.9 0.999 1e-7, bias correction in the rate",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}


@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray


class build:
    alpha = 1e-4

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Layer(rng.normal(0, 1, s) / s[0] ** 0.5, np.zeros(s[1])) for s in zip(sizes, sizes[1:])]
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in self.parameters()]
        self.iteration = 0

    def parameters(self):
        return [p for layer in self.layers for p in (layer.W, layer.b)]

    def activations(self, x):
        yield x
        for layer in self.layers[:-1]:
            x = expit(x @ layer.W + layer.b)
            yield x
        yield x @ self.layers[-1].W + self.layers[-1].b

    def forward(self, x):
        *_, z = self.activations(x)
        return expit(z) if z.shape[1] == 1 else softmax(z, axis=1)

    def loss(self, x, y):
        *_, z = self.activations(x)
        if z.shape[1] == 1:
            nll = -(y * log_expit(z) + (1 - y) * log_expit(-z)).mean()
        else:
            nll = (logsumexp(z, axis=1) - (y * z).sum(axis=1)).mean()
        return nll + self.alpha * sum((layer.W**2).sum() for layer in self.layers)

    def gradients(self, x, y):
        *a, _ = self.activations(x)
        delta = (self.forward(x) - y) / len(x)
        found = []
        for layer, h in zip(reversed(self.layers), reversed(a)):
            found += [delta.sum(axis=0), h.T @ delta + 2 * self.alpha * layer.W]
            delta = delta @ layer.W.T * h * (1 - h)
        return found[::-1]

    def train_step(self, x, y, learning_rate):
        self.iteration += 1
        t = self.iteration
        step = learning_rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for p, g, (m, v) in zip(self.parameters(), self.gradients(x, y), self.moments):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= step * m / (np.sqrt(v) + 1e-7)
