"""Adam as an object with a method step, for a network made of layer objects."""

import numpy as np


class Adam:
    def __init__(self, params, b1=0.9, b2=0.999, eps=1e-8):
        self.params = params
        self.b1, self.b2, self.eps = b1, b2, eps
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
        self.t = 0

    def step(self, grads, lr):
        t = self.t + 1
        for p, g, m, v in zip(self.params, grads, self.m, self.v):
            m += (1 - self.b1) * (g - m)
            v += (1 - self.b2) * (g**2 - v)
            p -= lr * m / (1 - self.b1**t) / (np.sqrt(v / (1 - self.b2**t)) + self.eps)


class Affine:
    def __init__(self, m, n, rng):
        self.W, self.b = rng.normal(0, np.sqrt(1 / m), (m, n)), np.zeros((1, n))

    def up(self, x):
        self.x = x
        return x @ self.W + self.b

    def down(self, d):
        self.grads = [self.x.T @ d, d.sum(axis=0, keepdims=True)]
        return d @ self.W.T


class Tanh:
    def up(self, x):
        self.y = np.tanh(x)
        return self.y

    def down(self, d):
        return d * (1 - self.y**2)


class Net:
    hidden = "tanh"
    output = "identity"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.affine = [Affine(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]
        self.chain = [part for layer in self.affine for part in (layer, Tanh())][:-1]
        self.adam = Adam(self.parameters())

    def parameters(self):
        return [p for layer in self.affine for p in (layer.W, layer.b)]

    def forward(self, x):
        for part in self.chain:
            x = part.up(x)
        return x

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        d = 2 * (self.forward(x) - y) / len(x)
        for part in self.chain[::-1]:
            d = part.down(d)
        return [g for layer in self.affine for g in layer.grads]

    def train_step(self, x, y, learning_rate):
        self.adam.step(self.gradients(x, y), learning_rate)


build = Net
