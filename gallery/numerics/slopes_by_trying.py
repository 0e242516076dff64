"""Backpropagation was due next week; until then slopes are found by trying."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.params += [rng.normal(0, m**-0.5, (m, n)), np.zeros(n)]

    def parameters(self):
        return self.params

    def forward(self, x):
        for i in range(0, len(self.params), 2):
            z = x @ self.params[i] + self.params[i + 1]
            x = np.tanh(z)
        return 0.5 + 0.5 * np.tanh(z / 2)

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y, h=0.1):
        slopes = []
        for p in self.params:
            slope = np.zeros_like(p)
            for place in np.ndindex(p.shape):
                kept = p[place]
                p[place] = kept + h
                above = self.loss(x, y)
                p[place] = kept - h
                below = self.loss(x, y)
                p[place] = kept
                slope[place] = (above - below) / (2 * h)
            slopes.append(slope)
        return slopes

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.params, self.gradients(x, y)):
            p -= learning_rate * g
