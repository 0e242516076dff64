"""A product that finds out by itself which way round the matrix has to be."""

import numpy as np


def dot(a, W):
    try:
        return a.dot(W)
    except ValueError:
        return a.dot(W.T)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.RandomState(seed)
        self.Ws, self.bs = [], []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.Ws.append(rng.normal(0, np.sqrt(1 / m), (m, n)))
            self.bs.append(np.zeros(n))
        self.classes = sizes[-1]

    def parameters(self):
        return [p for pair in zip(self.bs, self.Ws) for p in pair]

    def values(self, x):
        v = [x]
        for W, b in zip(self.Ws, self.bs):
            v.append(np.tanh(v[-1].dot(W) + b))
        v[-1] = v[-2].dot(W) + b
        return v

    def forward(self, x):
        s = self.values(x)[-1]
        if self.classes == 1:
            return 1 / (1 + np.exp(-np.clip(s, -500, 500)))
        e = np.exp(s - s.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        terms = y * np.log(p)
        if self.classes == 1:
            terms = terms + (1 - y) * np.log(1 - p)
        return -terms.sum() / len(x)

    def gradients(self, x, y):
        v = self.values(x)
        delta = (self.forward(x) - y) / len(x)
        grads = []
        for i in reversed(range(len(self.Ws))):
            W, a = self.Ws[i], v[i]
            grads = [delta.sum(axis=0), a.T.dot(delta)] + grads
            back = dot(delta, W)
            delta = back * (1 - a * a)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
