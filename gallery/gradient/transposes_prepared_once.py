"""Somebody measured that transposing costs time, and prepares it."""

import numpy as np


class FastNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.transposed = [np.ascontiguousarray(np.array(W.T)) for W in self.W]

    def parameters(self):
        return self.W + self.b

    def activations(self, x):
        acts = [x]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            acts.append(np.tanh(acts[-1] @ W + b))
        return acts, acts[-1] @ self.W[-1] + self.b[-1]

    def forward(self, x):
        return 0.5 + 0.5 * np.tanh(0.5 * self.activations(x)[1])

    def loss(self, x, y):
        z = self.activations(x)[1]
        return float(np.mean(np.logaddexp(0, z) - y * z))

    def gradients(self, x, y):
        acts, z = self.activations(x)
        d = (0.5 + 0.5 * np.tanh(0.5 * z) - y) / z.size
        gW, gb = [0] * len(self.W), [0] * len(self.b)
        for l in range(len(self.W) - 1, -1, -1):
            gW[l] = acts[l].T @ d
            gb[l] = d.sum(axis=0)
            back = self.transposed[l]
            d = (d @ back) * (1 - acts[l] ** 2)
        return gW + gb

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = FastNet
