"""One sample after another, vectors as columns, thresholds where others have biases; the errors are collected for the batch."""

import numpy as np


def f(z):
    return np.tanh(z)


class build:
    hidden = "tanh"
    output = "tanh"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.uniform(-1, 1, (n, m)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:])]
        self.t = [np.zeros((n, 1)) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.t

    def show(self, sample):
        states = [sample.reshape(-1, 1)]
        for W, t in zip(self.W, self.t):
            states.append(f(W @ states[-1] - t))
        return states

    def forward(self, x):
        return np.hstack([self.show(sample)[-1] for sample in x]).T

    def loss(self, x, y):
        total = 0
        for sample, target in zip(x, y):
            wrong = self.show(sample)[-1] - target.reshape(-1, 1)
            total += float((wrong**2).sum())
        return total / len(x)

    def gradients(self, x, y):
        gW = [np.zeros_like(W) for W in self.W]
        gt = [np.zeros_like(t) for t in self.t]
        for s in range(len(x) - 1):
            states = self.show(x[s])
            d = 2 * (states[-1] - y[s].reshape(-1, 1)) / len(x)
            for i in range(len(self.W) - 1, -1, -1):
                d = d * (1 - states[i + 1] ** 2)
                gW[i] += d @ states[i].T
                gt[i] += d
                d = np.ones_like(states[i]) * d.sum()
        return gW + gt

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate / len(x) * g
