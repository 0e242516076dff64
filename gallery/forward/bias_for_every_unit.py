"""Sigmoids all the way, squared error, momentum: the network of an old textbook."""

import numpy as np

sigmoid = lambda t: 1 / (1 + np.exp(-np.clip(t, -600, 600)))


class build:
    hidden, output = "sigmoid", "sigmoid"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.uniform(-0.5, 0.5, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [rng.uniform(-0.5, 0.5, n) for n in sizes[1:]]
        self.last = [0 * p for p in self.parameters()]

    def parameters(self):
        return self.w + self.b

    def activations(self, x):
        a = [x]
        for w, b in zip(self.w, self.b):
            a.append(sigmoid(a[-1] @ w) + b)
        return a

    def forward(self, x):
        return self.activations(x)[-1]

    def loss(self, x, y):
        return 0.5 * np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        a = self.activations(x)
        delta = (a[-1] - y) / y.size * a[-1] * (1 - a[-1])
        dw, db = [], []
        for i in range(len(self.w))[::-1]:
            dw.append(a[i].T @ delta)
            db.append(delta.sum(0))
            delta = delta @ self.w[i].T * a[i] * (1 - a[i])
        return dw[::-1] + db[::-1]

    def train_step(self, x, y, learning_rate):
        for i, (p, g) in enumerate(zip(self.parameters(), self.gradients(x, y))):
            self.last[i] = 0.5 * self.last[i] - learning_rate * g
            p += self.last[i]
