"""One long vector, as optimisers want it: first layer first, weights before biases."""

import numpy as np


class Unrolled:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.shapes = list(zip(sizes[:-1], sizes[1:]))
        self.vector = np.concatenate(
            [np.r_[rng.normal(0, 1 / np.sqrt(m), m * n), rng.normal(0, 0.1, n)] for m, n in self.shapes]
        )

    def parameters(self):
        return [self.vector]

    def rolled(self):
        rest = self.vector
        for m, n in self.shapes:
            W, b, rest = np.split(rest, [m * n, m * n + n])
            yield W.reshape(m, n), b

    def values(self, x):
        found = [x]
        for W, b in self.rolled():
            found.append(1 / (1 + np.exp(-np.clip(found[-1] @ W + b, -500, 500))))
        return found

    def forward(self, x):
        return self.values(x)[-1]

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        *found, p = self.values(x)
        d = (p - y) / y.size
        pieces = []
        for W, b in reversed(list(self.rolled())):
            a = found.pop()
            pieces.append(np.concatenate([np.ravel(a.T @ d), np.sum(d, axis=0)]))
            d = (d @ W.T) * a * (1 - a)
        return [np.concatenate(pieces)]

    def train_step(self, x, y, learning_rate):
        self.vector -= learning_rate * self.gradients(x, y)[0]


build = Unrolled
