"""Dataclasses for the layers; what belongs to the input is treated apart."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Layer:
    weights: np.ndarray
    bias: np.ndarray
    z: np.ndarray | None = None


def squash(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


def slope(z):
    return squash(z) * (1 - squash(z))


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [
            Layer(rng.uniform(-1, 1, (n, m)) * 2 / np.sqrt(m), rng.uniform(-0.5, 0.5, n))
            for m, n in zip(sizes[:-1], sizes[1:])
        ]

    def parameters(self):
        return [p for layer in self.layers for p in (layer.weights, layer.bias)]

    def forward(self, x):
        for layer in self.layers:
            layer.z = x @ layer.weights.T + layer.bias
            x = squash(layer.z)
        return x

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        p = self.forward(x)
        L = len(self.layers)
        deltas = [None] * L
        deltas[L - 1] = (p - y) * slope(self.layers[-1].z) / len(x)
        for l in range(L - 2, 0, -1):
            deltas[l] = deltas[l + 1] @ self.layers[l + 1].weights * slope(self.layers[l].z)
        if L > 1:
            deltas[0] = deltas[1] @ self.layers[1].weights
        inputs = [x] + [squash(layer.z) for layer in self.layers[:-1]]
        grads = []
        for delta, a in zip(deltas, inputs):
            grads += [delta.T @ a, delta.sum(axis=0)]
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
