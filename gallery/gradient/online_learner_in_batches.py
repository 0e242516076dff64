"""It learned online first; batches came later. The loss is a sum."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.theta = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.theta += [rng.uniform(-1, 1, (n, m)), rng.uniform(-1, 1, (n, 1))]

    def parameters(self):
        return self.theta

    def up(self, column):
        a = [column]
        for W, b in zip(self.theta[::2], self.theta[1::2]):
            a.append(0.5 * (1 + np.tanh((W @ a[-1] + b) / 2)))
        return a

    def forward(self, x):
        return self.up(x.T)[-1].T

    def loss(self, x, y):
        return 0.5 * np.sum((self.forward(x) - y) ** 2)

    def for_one(self, a, target):
        delta = (a[-1] - target) * a[-1] * (1 - a[-1])
        found = []
        for k in range(len(self.theta) - 2, -1, -2):
            below = a[k // 2]
            found = [delta @ below.T, delta, *found]
            delta = self.theta[k].T @ delta * below * (1 - below)
        return found

    def gradients(self, x, y):
        grads = [np.zeros(p.shape) for p in self.theta]
        for row, target in zip(x, y):
            for k, g in enumerate(self.for_one(self.up(row[:, None]), target[:, None])):
                grads[k] = g
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.theta, self.gradients(x, y)):
            p -= learning_rate * g
