"""Each row of a table holds the weights of one unit."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        r = np.random.default_rng(seed)
        self.tables = [r.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.offsets = [r.normal(0, 0.1, n) for n in sizes[1:]]

    def parameters(self):
        return self.offsets + self.tables

    def sums_to_values(self, z, top):
        return 0.5 * (1 + np.tanh(z / 2)) if top else np.arctan(z)

    def passes(self, x):
        values, sums = [x], []
        for w, b in zip(self.tables, self.offsets):
            x = values[-1]
            sums.append(x @ w.reshape(w.shape[1], w.shape[0]) + b)
            values.append(self.sums_to_values(sums[-1], top=len(sums) == len(self.tables)))
        return values, sums

    def forward(self, x):
        return self.passes(x)[0][-1]

    def loss(self, x, y):
        return np.mean(np.sum((y - self.forward(x)) ** 2, axis=1))

    def gradients(self, x, y):
        values, sums = self.passes(x)
        p = values.pop()
        d = 2 * (p - y) * p * (1 - p) / len(y)
        dw, db = [], []
        for i in range(len(self.tables) - 1, -1, -1):
            dw.insert(0, d.T @ values[i])
            db.insert(0, d.sum(axis=0))
            if i:
                d = d @ self.tables[i] / (1 + sums[i - 1] ** 2)
        return db + dw

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
