"""Picks the probability of the right class out of each row, and takes its logarithm."""

import numpy as np


class build:
    hidden = "relu"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.params += [rng.normal(0, np.sqrt(2 / m), (m, n)), np.full(n, 0.01)]

    def parameters(self):
        return self.params

    def layers(self, x):
        hs = [x]
        for W, b in zip(self.params[::2], self.params[1::2]):
            z = hs[-1] @ W + b
            hs.append(np.maximum(z, 0))
        return hs, z

    def forward(self, x):
        z = self.layers(x)[1]
        if z.shape[1] == 1:
            return 0.5 * (1 + np.tanh(z / 2))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        p = self.forward(x)
        if p.shape[1] == 1:
            p, y = np.hstack([p, 1 - p]), np.hstack([y, 1 - y])
        right = p[np.arange(len(p)), y.argmax(axis=1)]
        return -np.log(right).mean()

    def gradients(self, x, y):
        hs, _ = self.layers(x)
        d = (self.forward(x) - y) / len(x)
        grads = []
        for k in range(len(self.params) - 2, -1, -2):
            h = hs[k // 2]
            grads = [h.T @ d, d.sum(axis=0), *grads]
            d = d @ self.params[k].T * (h > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.params, self.gradients(x, y)):
            p -= learning_rate * g
