"""Layers as objects; the last one is called for its logits only."""

import numpy as np


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(0, 1 / np.sqrt(n_in), (n_out, n_in))
        self.b = rng.normal(0, 0.1, n_out)

    def linear(self, x):
        self.x = x
        return np.einsum("ni,oi->no", x, self.W) + self.b

    def __call__(self, x):
        self.a = np.tanh(self.linear(x))
        return self.a

    def back(self, delta):
        self.dW = np.einsum("no,ni->oi", delta, self.x)
        self.db = np.einsum("no->o", delta)
        return np.einsum("no,oi->ni", delta, self.W)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        layers = [Dense(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]
        self.body, self.top = layers[:-1], layers[-1]

    def parameters(self):
        return [p for layer in [*self.body, self.top] for p in (layer.W, layer.b)]

    def logits(self, x):
        for layer in self.body:
            x = layer(x)
        return self.top.linear(x) + self.top.b

    def forward(self, x):
        z = self.logits(x)
        if z.shape[1] == 1:
            return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
        z = z - z.max(axis=1, keepdims=True)
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.logits(x)
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(0, z) - z * y)
        return np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(z * y, axis=1))

    def gradients(self, x, y):
        delta = self.top.back((self.forward(x) - y) / len(x))
        for layer in reversed(self.body):
            delta = layer.back(delta * (1 - layer.a**2))
        return [g for layer in [*self.body, self.top] for g in (layer.dW, layer.db)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
