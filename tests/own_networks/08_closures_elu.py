"""A functional programmer: no class anywhere, each layer a pair of closures; ELU, mean squared error over everything."""

from functools import reduce
from types import SimpleNamespace

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (1, out) of each layer",
    "hidden": "elu",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


def affine(W, b):
    def up(x):
        return x @ W + b, lambda d: (d @ W.T, [x.T @ d, d.sum(axis=0, keepdims=True)])

    return up


def elu(z):
    negative = np.expm1(np.minimum(z, 0.0))
    return np.where(z > 0, z, negative), lambda d: (d * np.where(z > 0, 1.0, negative + 1.0), [])


def logistic(z):
    s = np.exp(-np.logaddexp(0.0, -z))
    return s, lambda d: (d * s * (1.0 - s), [])


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    pairs = [(rng.normal(0, 1, (m, n)) / m**0.5, np.full((1, n), 0.01)) for m, n in zip(sizes, sizes[1:])]
    layers = [f for W, b in pairs for f in (affine(W, b), elu)]
    layers[-1] = logistic

    def parameters():
        return [p for pair in pairs for p in pair]

    def forward(x):
        return reduce(lambda h, layer: layer(h)[0], layers, x)

    def loss(x, y):
        return float(np.mean((forward(x) - y) ** 2))

    def gradients(x, y):
        backs = []
        for layer in layers:
            x, back = layer(x)
            backs.append(back)
        d, found = 2.0 * (x - y) / x.size, []
        for back in backs[::-1]:
            d, own = back(d)
            found = own + found
        return found

    def train_step(x, y, learning_rate):
        for p, g in zip(parameters(), gradients(x, y)):
            p -= learning_rate * g

    return SimpleNamespace(
        parameters=parameters, forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
