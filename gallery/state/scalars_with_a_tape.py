"""A tiny automatic differentiation over arrays; the parameters are its leaves and live as long as the network."""

import numpy as np


class Value:
    def __init__(self, data, children=(), pull=None):
        self.data, self.children, self.pull = data, children, pull
        self.grad = np.zeros_like(data)

    def affine(self, W, b):
        def pull(g):
            self.grad += g @ W.data.T
            W.grad += self.data.T @ g
            b.grad += g.sum(axis=0)

        return Value(self.data @ W.data + b.data, (self, W, b), pull)

    def sigmoid(self):
        s = np.exp(-np.logaddexp(0, -self.data))

        def pull(g):
            self.grad += g * s * (1 - s)

        return Value(s, (self,), pull)

    def half_mean_square(self, y):
        def pull(g):
            self.grad += g * (self.data - y) / y.size

        return Value(np.mean((self.data - y) ** 2) / 2, (self,), pull)

    def backward(self):
        self.grad = np.ones_like(self.data)
        node = self
        while node.children:
            node.pull(node.grad)
            node = node.children[0]


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.layers.append((Value(rng.normal(0, 1.2 / np.sqrt(m), (m, n))), Value(np.zeros(n))))
        self.leaves = [leaf for layer in self.layers for leaf in layer]

    def parameters(self):
        return [leaf.data for leaf in self.leaves]

    def graph(self, x):
        h = Value(x)
        for W, b in self.layers:
            h = h.affine(W, b).sigmoid()
        return h

    def forward(self, x):
        return self.graph(x).data

    def loss(self, x, y):
        return float(self.graph(x).half_mean_square(y).data)

    def zero_grad(self):
        for leaf in self.leaves:
            leaf.grad = np.zeros_like(leaf.data)

    def gradients(self, x, y):
        self.zero_grad()
        self.graph(x).half_mean_square(y).backward()
        return [leaf.grad.copy() for leaf in self.leaves]

    def train_step(self, x, y, learning_rate):
        self.graph(x).half_mean_square(y).backward()
        for leaf in self.leaves:
            leaf.data -= learning_rate * leaf.grad
