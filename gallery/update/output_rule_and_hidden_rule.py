"""Two rules, as in the old papers: one for the output layer, one for the layers below."""

import numpy as np


def f(v):
    return 0.5 * (1 + np.tanh(v / 2))


class MLP:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.lower = [(rng.uniform(-1, 1, (m, n)), rng.uniform(-1, 1, n)) for m, n in zip(sizes[:-2], sizes[1:-1])]
        self.top = (rng.uniform(-1, 1, sizes[-2:]), rng.uniform(-1, 1, sizes[-1]))

    def parameters(self):
        return [p for layer in [*self.lower, self.top] for p in layer]

    def levels(self, x):
        o = [x]
        for W, b in [*self.lower, self.top]:
            o.append(f(o[-1] @ W + b))
        return o

    def forward(self, x):
        return self.levels(x)[-1]

    def loss(self, x, y):
        return 0.5 * np.sum((y - self.forward(x)) ** 2)

    def errors(self, x, y):
        o = self.levels(x)
        deltas = [(y - o[-1]) * o[-1] * (1 - o[-1])]
        W = self.top[0]
        for k in range(len(self.lower) - 1, -1, -1):
            deltas.insert(0, deltas[0] @ W.T * o[k + 1] * (1 - o[k + 1]))
            W = self.lower[k][0]
        return o, deltas

    def gradients(self, x, y):
        o, deltas = self.errors(x, y)
        return [g for a, d in zip(o, deltas) for g in (-a.T @ d, -d.sum(axis=0))]

    def train_step(self, x, y, learning_rate):
        o, deltas = self.errors(x, y)
        W, b = self.top
        W += learning_rate * o[-2].T @ deltas[-1]
        b += learning_rate * deltas[-1].sum(axis=0)
        for (W, b), a, d in zip(self.lower, o, deltas):
            W -= learning_rate * a.T @ d
            b -= learning_rate * d.sum(axis=0)


build = MLP
