"""Classifying spirals: tanh layers under a softmax or a sigmoid."""

import numpy as np


class SpiralNet:
    def __init__(self, sizes, seed):
        r = np.random.RandomState(seed)
        self.W = [r.normal(0, 1 / np.sqrt(a), (a, b)) for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(b) for b in sizes[1:]]
        self.binary = sizes[-1] == 1

    def parameters(self):
        return [p for W, b in zip(self.W, self.b) for p in (W, b)]

    def run(self, X):
        self.h = [X]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            self.h.append(np.tanh(self.h[-1].dot(W) + b))
        return self.h[-1].dot(self.W[-1]) + self.b[-1]

    def forward(self, X):
        z = self.run(X)
        if self.binary:
            return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def loss(self, X, y):
        z = self.run(X)
        if self.binary:
            return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
        top = np.max(z, axis=1, keepdims=True)
        log_norm = top + np.log(np.sum(np.exp(z - top), axis=1, keepdims=True))
        return np.mean(np.sum(y * (log_norm - z), axis=1))

    def gradients(self, X, y):
        delta = (self.forward(X) - y) / X.shape[0]
        grads = []
        for i in reversed(range(len(self.W))):
            grads.append(delta.sum(axis=0))
            grads.append(self.h[i].T.dot(delta))
            delta = delta.dot(self.W[i].T)
        return grads[::-1]

    def train_step(self, X, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, y)):
            p += -learning_rate * g


def build(sizes, seed):
    return SpiralNet(sizes, seed)
