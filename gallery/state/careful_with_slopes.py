"""Does not trust its own backpropagation, and tries one slope by central differences each time."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.shapes = list(zip(sizes[:-1], sizes[1:]))
        self.theta = np.concatenate([np.r_[rng.normal(0, m**-0.5, m * n), np.zeros(n)] for m, n in self.shapes])
        self.doubts = 0

    def parameters(self):
        return [self.theta]

    def parts(self, vector):
        i = 0
        for m, n in self.shapes:
            yield vector[i : i + m * n].reshape(m, n), vector[i + m * n : i + m * n + n]
            i += m * n + n

    def acts(self, x):
        a = [x]
        for W, b in self.parts(self.theta):
            a.append(0.5 + 0.5 * np.tanh((a[-1] @ W + b) / 2))
        return a

    def forward(self, x):
        return self.acts(x)[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        a = self.acts(x)
        slopes = np.zeros_like(self.theta)
        d = 2 * (a[-1] - y) / y.size
        layers = list(zip(self.parts(self.theta), self.parts(slopes)))
        for k in range(len(layers) - 1, -1, -1):
            (W, _), (dW, db) = layers[k]
            d = d * a[k + 1] * (1 - a[k + 1])
            dW[...], db[...] = a[k].T @ d, d.sum(axis=0)
            d = d @ W.T
        self.try_one(x, y, slopes)
        return [slopes]

    def try_one(self, x, y, slopes, i=0, h=1e-4):
        self.theta[i] += h
        above = self.loss(x, y)
        self.theta[i] -= 2 * h
        below = self.loss(x, y)
        self.theta[i] -= h
        self.doubts += abs((above - below) / (2 * h) - slopes[i]) > 1e-4

    def train_step(self, x, y, learning_rate):
        self.theta -= learning_rate * self.gradients(x, y)[0]
