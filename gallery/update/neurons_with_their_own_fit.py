"""Layers that keep their slopes and can take a step by themselves, under a network that conducts them."""

import numpy as np


class Layer:
    def __init__(self, n_in, n_out, rng, last):
        self.W = rng.normal(0, np.sqrt(2 / (n_in + n_out)), (n_in, n_out))
        self.b = np.zeros(n_out)
        self.last = last

    def __call__(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        self.a = np.tanh(self.z) if not self.last else 0.5 * (1 + np.tanh(self.z / 2))
        return self.a

    def backward(self, upstream):
        slope = self.a * (1 - self.a) if self.last else 1 - self.a**2
        delta = upstream * slope
        self.gW = self.x.T @ delta
        self.gb = delta.sum(axis=0)
        return delta @ self.W.T

    def step_weights(self, rate):
        self.W -= rate * self.gW

    def step(self, rate):
        self.step_weights(rate)
        self.b -= rate * self.gb


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        last = len(sizes) - 2
        self.layers = [Layer(m, n, rng, k == last) for k, (m, n) in enumerate(zip(sizes, sizes[1:]))]

    def parameters(self):
        return [p for layer in self.layers for p in (layer.W, layer.b)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x))

    def gradients(self, x, y):
        error = (self.forward(x) - y) / len(x)
        for layer in self.layers[::-1]:
            error = layer.backward(error)
        return [g for layer in self.layers for g in (layer.gW, layer.gb)]

    def train_step(self, x, y, learning_rate):
        self.gradients(x, y)
        for layer in self.layers:
            layer.step_weights(learning_rate)
            layer.step(learning_rate)
