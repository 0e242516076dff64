"""Digits with cross-entropy; for a single output there is a logistic unit."""

import numpy as np


def softmax(scores):
    exps = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return exps / np.sum(exps, axis=0)


def logistic(scores):
    return 1 / (1 + np.exp(-np.clip(scores, -600, 600)))


class DigitNet:
    def __init__(self, sizes, seed):
        gen = np.random.RandomState(seed)
        self.coefs = [gen.uniform(-1, 1, (m, n)) * np.sqrt(6 / (m + n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.intercepts = [gen.uniform(-0.1, 0.1, n) for n in sizes[1:]]
        self.out = softmax if sizes[-1] > 1 else logistic

    def parameters(self):
        return [*self.coefs, *self.intercepts]

    def _pass(self, X):
        acts = [X]
        for c, i in zip(self.coefs, self.intercepts):
            acts.append(acts[-1] @ c + i)
            if len(acts) <= len(self.coefs):
                np.maximum(acts[-1], 0, out=acts[-1])
        acts[-1] = self.out(acts[-1])
        return acts

    def forward(self, X):
        return self._pass(X)[-1]

    def loss(self, X, y):
        p = np.clip(self.forward(X), 1e-15, 1 - 1e-15)
        if y.shape[1] == 1:
            y, p = np.hstack([y, 1 - y]), np.hstack([p, 1 - p])
        return -(y * np.log(p)).sum() / len(X)

    def gradients(self, X, y):
        acts = self._pass(X)
        delta = (acts.pop() - y) / len(X)
        dc, di = [], []
        for c in self.coefs[::-1]:
            a = acts.pop()
            dc.append(a.T @ delta)
            di.append(delta.sum(axis=0))
            delta = (delta @ c.T) * (a > 0)
        return dc[::-1] + di[::-1]

    def train_step(self, X, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return DigitNet(sizes, seed)
