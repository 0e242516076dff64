"""Softmax and its logarithm, both written so that nothing overflows."""

import numpy as np


def softmax(s):
    return np.exp(log_softmax(s))


def log_softmax(s):
    s = s - s.max(axis=-1, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=-1, keepdims=True))


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.k = sizes[-1]
        self.W = {i: rng.normal(0, (1 / m) ** 0.5, (m, n)) for i, (m, n) in enumerate(zip(sizes, sizes[1:]))}
        self.b = {i: np.zeros(n) for i, n in enumerate(sizes[1:])}

    def parameters(self):
        return [*self.W.values(), *self.b.values()]

    def hidden_values(self, x):
        a = [x]
        for i in range(len(self.W) - 1):
            a.append(np.tanh(a[i] @ self.W[i] + self.b[i]))
        return a

    def scores(self, x):
        top = len(self.W) - 1
        return self.hidden_values(x)[-1] @ self.W[top] + self.b[top]

    def forward(self, x):
        if self.k == 1:
            return np.exp(-np.logaddexp(0, -self.scores(x)))
        return softmax(self.scores(x))

    def loss(self, x, y):
        if self.k == 1:
            return np.mean(np.logaddexp(0, (1 - 2 * y) * self.scores(x)))
        log_p = log_softmax(self.forward(x))
        return -np.mean(np.sum(y * log_p, axis=-1))

    def gradients(self, x, y):
        a = self.hidden_values(x)
        d = (self.forward(x) - y) / len(x)
        dW, db = {}, {}
        for i in sorted(self.W, reverse=True):
            dW[i], db[i] = a[i].T @ d, d.sum(axis=0)
            d = (1 - a[i] ** 2) * (d @ self.W[i].T)
        return [dW[i] for i in self.W] + [db[i] for i in self.b]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
