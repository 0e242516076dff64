"""Written for a table whose first column was the number of the row."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.hidden_layers = [(rng.normal(0, m**-0.5, (m, n)), np.zeros(n)) for m, n in zip(sizes[:-2], sizes[1:-1])]
        self.last = (rng.normal(0, sizes[-2] ** -0.5, (sizes[-2], sizes[-1])), np.zeros(sizes[-1]))

    def parameters(self):
        return [p for pair in [*self.hidden_layers, self.last] for p in pair]

    def table(self, samples):
        x = np.array(samples, dtype=float)
        x[:, 0] = 0
        return x

    def trace(self, samples):
        trace = [self.table(samples)]
        for W, b in self.hidden_layers:
            trace.append(np.tanh(trace[-1] @ W + b))
        return trace, trace[-1] @ self.last[0] + self.last[1]

    def forward(self, samples):
        return 0.5 + 0.5 * np.tanh(0.5 * self.trace(samples)[1])

    def loss(self, samples, y):
        z = self.trace(samples)[1]
        return np.mean(np.logaddexp(0, z) - z * y)

    def gradients(self, samples, y):
        trace, z = self.trace(samples)
        delta = (0.5 + 0.5 * np.tanh(0.5 * z) - y) / y.size
        grads = []
        for (W, b), a in zip([self.last, *self.hidden_layers[::-1]], trace[::-1]):
            grads = [a.T @ delta, delta.sum(axis=0)] + grads
            delta = (delta @ W.T) * (1 - a**2)
        return grads

    def train_step(self, samples, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(samples, y)):
            p -= learning_rate * g
