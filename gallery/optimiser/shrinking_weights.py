"""Someone who read that small weights generalise, and shrinks them besides the descent."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.decay = 0.001
        self.weights = [rng.normal(0, np.sqrt(1 / m), (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.weights, self.biases) for p in pair]

    def states(self, x):
        s = [x]
        for w, b in zip(self.weights, self.biases):
            s.append(0.5 * (1 + np.tanh(0.5 * (s[-1] @ w.T + b))))
        return s

    def forward(self, x):
        return self.states(x)[-1]

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        s = self.states(x)
        d = 2 * (s[-1] - y) / y.size * s[-1] * (1 - s[-1])
        g = []
        for k in reversed(range(len(self.weights))):
            g += [d.sum(axis=0), d.T @ s[k]]
            d = d @ self.weights[k] * s[k] * (1 - s[k])
        return g[::-1]

    def train_step(self, x, y, learning_rate):
        g = self.gradients(x, y)
        for k, (w, b) in enumerate(zip(self.weights, self.biases)):
            w -= learning_rate * (g[2 * k] - self.decay * w)
            b -= learning_rate * g[2 * k + 1]
