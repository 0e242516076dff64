"""Layers and activations are both objects in one list."""

import numpy as np


class Linear:
    def __init__(self, m, n, rng):
        self.W, self.b = rng.normal(0, 1 / np.sqrt(m), (m, n)), np.zeros((1, n))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW, self.db = self.x.T @ grad, grad.sum(axis=0, keepdims=True)
        return grad @ self.W.T


class Tanh:
    def forward(self, x):
        self.t = np.tanh(x)
        return self.t

    def slope(self):
        return 1 - self.t**2

    def backward(self, grad):
        return grad * self.slope()


class build:
    hidden = "tanh"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.layers += [Linear(m, n, rng), Tanh()]
        self.layers.pop()

    def linears(self):
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    def parameters(self):
        return [p for layer in self.linears() for p in (layer.W, layer.b)]

    def logits(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def forward(self, x):
        return 1 / (1 + np.exp(-np.clip(self.logits(x), -500, 500)))

    def loss(self, x, y):
        z = self.logits(x)
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def gradients(self, x, y):
        grad = (self.forward(x) - y) / len(x)
        for layer in self.layers[::-1]:
            if isinstance(layer, Tanh):
                grad = layer.backward(grad * layer.slope())
            else:
                grad = layer.backward(grad)
        return [g for layer in self.linears() for g in (layer.dW, layer.db)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
