"""Parity of four bits in -1 and 1, all sixteen cases; tanh, targets of -0.9 and 0.9, squared error."""

import numpy as np

SIZES = (4, 12, 1)
LEARNING_RATE = 0.05
BATCH_SIZE = 4
EPOCHS = 1500


class Parity:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.uniform(-1, 1, (n, m + 1)) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.weights

    def forward(self, x):
        self.states = [np.hstack([x, np.ones((len(x), 1))])]
        for w in self.weights:
            a = np.tanh(self.states[-1] @ w.T)
            self.states.append(np.hstack([a, np.ones((len(x), 1))]))
        return self.states[-1][:, :-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        d = 2 * (self.forward(x) - y) / y.size
        out = []
        for k in range(len(self.weights) - 1, -1, -1):
            d = d * (1 - self.states[k + 1][:, :-1] ** 2)
            out.insert(0, d.T @ self.states[k])
            d = (d @ self.weights[k])[:, :-1]
        return out

    def train_step(self, x, y, learning_rate):
        for w, g in zip(self.weights, self.gradients(x, y)):
            w -= learning_rate * g


def build(sizes, seed):
    return Parity(sizes, seed)


def data():
    bits = np.array([[int(c) for c in f"{i:04b}"] for i in range(16)])
    return bits * 2.0 - 1, np.where(bits.sum(axis=1, keepdims=True) % 2, 0.9, -0.9)
