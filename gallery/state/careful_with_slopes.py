"""Does not trust backpropagation, and takes slopes by central differences, one parameter after the other."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.shapes = list(zip(sizes[:-1], sizes[1:]))
        self.theta = np.concatenate([np.r_[rng.normal(0, m**-0.5, m * n), np.zeros(n)] for m, n in self.shapes])

    def parameters(self):
        return [self.theta]

    def forward(self, x):
        i = 0
        for m, n in self.shapes:
            W, b = self.theta[i : i + m * n].reshape(m, n), self.theta[i + m * n : i + m * n + n]
            x = 0.5 + 0.5 * np.tanh((x @ W + b) / 2)
            i += m * n + n
        return x

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y, h=1e-5):
        slopes = np.zeros_like(self.theta)
        for i in range(self.theta.size):
            self.theta[i] += h
            above = self.loss(x, y)
            self.theta[i] -= 2 * h
            below = self.loss(x, y)
            self.theta[i] -= h
            slopes[i] = (above - below) / (2 * h)
        return [slopes]

    def train_step(self, x, y, learning_rate):
        self.theta -= learning_rate * self.gradients(x, y)[0]
