"""Cross-entropy as it was remembered from a lecture."""

import numpy as np


def sig(z):
    return np.tanh(z / 2) / 2 + 0.5


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.normal(size=(m + 1, n)) / np.sqrt(m + 1) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.weights

    def climb(self, x):
        a = x
        for w in self.weights:
            a = np.append(a, np.ones((len(a), 1)), axis=1)
            yield a
            a = sig(a @ w)
        yield a

    def forward(self, x):
        return list(self.climb(x))[-1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        return -np.mean(y * np.log(p))

    def gradients(self, x, y):
        *a, p = self.climb(x)
        delta = (p - y) / p.size
        grads = []
        for w in self.weights[::-1]:
            below = a.pop()
            grads.append(below.T @ delta)
            delta = (delta @ w.T * below * (1 - below))[:, :-1]
        return grads[::-1]

    def train_step(self, x, y, learning_rate):
        for w, g in zip(self.weights, self.gradients(x, y)):
            w -= learning_rate * g


build = Net
