"""The activations are there already, so why compute them twice?"""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros((1, n)) for n in sizes[1:]]
        self.cache = None

    def parameters(self):
        return self.weights + self.biases

    def forward(self, x):
        self.cache = [x]
        for w, b in zip(self.weights, self.biases):
            self.cache.append(np.tanh(self.cache[-1] @ w + b))
        z = self.cache[-2] @ self.weights[-1] + self.biases[-1]
        self.cache[-1] = 0.5 * (1 + np.tanh(z / 2))
        return self.cache[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        if self.cache is None or len(self.cache[0]) != len(x):
            self.forward(x)
        a = self.cache
        d = 2 * (a[-1] - y) / y.size * a[-1] * (1 - a[-1])
        gw, gb = [], []
        for k in range(len(self.weights) - 1, -1, -1):
            gw.insert(0, a[k].T @ d)
            gb.insert(0, d.sum(axis=0, keepdims=True))
            d = d @ self.weights[k].T * (1 - a[k] ** 2)
        return gw + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
