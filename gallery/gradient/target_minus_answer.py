"""The error, as one thinks of it: how far the target is from the answer."""

import numpy as np


class ErrorNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.synapses = [rng.uniform(-1, 1, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.thresholds = [np.zeros((1, n)) for n in sizes[1:]]

    def parameters(self):
        return self.synapses + self.thresholds

    def signals(self, x):
        found = [x]
        for s, t in zip(self.synapses, self.thresholds):
            found.append(1 / (1 + np.exp(-np.clip(found[-1].dot(s) + t, -500, 500))))
        return found

    def forward(self, x):
        return self.signals(x)[-1]

    def loss(self, x, y):
        return np.mean(np.square(self.forward(x) - y)) / 2

    def gradients(self, x, y):
        *found, answer = self.signals(x)
        error = y - answer
        delta = error * answer * (1 - answer) / y.size
        ds, dt = [], []
        for s, a in zip(reversed(self.synapses), reversed(found)):
            ds.append(a.T.dot(delta))
            dt.append(delta.sum(axis=0, keepdims=True))
            delta = delta.dot(s.T) * a * (1 - a)
        return ds[::-1] + dt[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = ErrorNet
