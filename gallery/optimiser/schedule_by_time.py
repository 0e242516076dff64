"""A rate that depends on the number of steps taken, with the formula for it in a small class."""

import numpy as np


class TimeBased:
    def __init__(self, k=0.01):
        self.k = k
        self.steps = 0

    def __call__(self, rate):
        self.steps += 1
        return rate * (1 + self.k * self.steps)


class build:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.normal(0, 1 / np.sqrt(m), (n, m)) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros((n, 1)) for n in sizes[1:]]
        self.schedule = TimeBased()

    def parameters(self):
        return self.w + self.b

    def acts(self, x):
        a = [x.T]
        for w, b in zip(self.w, self.b):
            a.append(np.tanh(w @ a[-1] + b))
        a[-1] = 0.5 + 0.5 * np.tanh((self.w[-1] @ a[-2] + self.b[-1]) / 2)
        return a

    def forward(self, x):
        return self.acts(x)[-1].T

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        a = self.acts(x)
        d = 2 * (a[-1] - y.T) / y.size * a[-1] * (1 - a[-1])
        gw, gb = [], []
        for k in range(len(self.w) - 1, -1, -1):
            gw.insert(0, d @ a[k].T)
            gb.insert(0, d.sum(axis=1, keepdims=True))
            d = self.w[k].T @ d * (1 - a[k] ** 2)
        return gw + gb

    def train_step(self, x, y, learning_rate):
        rate = self.schedule(learning_rate)
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= rate * g
