"""A penalty for large weights, with one number for how much."""

import numpy as np


class Layer:
    def __init__(self, rng, m, n):
        self.W = rng.normal(0, 1 / np.sqrt(m), (m, n))
        self.b = np.zeros((1, n))


class build:
    lam = 0.002

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Layer(rng, m, n) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for layer in self.layers for p in (layer.W, layer.b)]

    def logits(self, x):
        for layer in self.layers:
            layer.x = x
            z = x @ layer.W + layer.b
            x = np.logaddexp(0, z)
        return z

    def forward(self, x):
        z = self.logits(x)
        if z.shape[1] > 1:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)
        return np.exp(-np.logaddexp(0, -z))

    def loss(self, x, y):
        z = self.logits(x)
        if z.shape[1] > 1:
            data = np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(y * z, axis=1))
        else:
            data = np.mean(np.logaddexp(0, z) - y * z)
        return data + self.lam * sum(np.sum(layer.W * layer.W) for layer in self.layers)

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        grads = []
        for layer in reversed(self.layers):
            grads = [layer.x.T @ d + self.lam * layer.W, d.sum(axis=0, keepdims=True)] + grads
            d = (d @ layer.W.T) * -np.expm1(-layer.x)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
