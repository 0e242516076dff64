"""Starting from the oldest papers, where a neuron fires when its sum is large enough."""

import numpy as np


class Machine:
    output = "sigmoid"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w, self.theta = [], []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.w.append(rng.uniform(-1, 1, size=(m, n)) / np.sqrt(m / 2))
            self.theta.append(rng.uniform(-0.2, 0.2, size=n))

    def parameters(self):
        return [q for pair in zip(self.w, self.theta) for q in pair]

    def states(self, x):
        s = x
        found = [s]
        for w, theta in zip(self.w, self.theta):
            u = np.dot(s, w) - theta
            s = 0.5 * (1 + np.tanh(u / 2))
            found.append(s)
        return found

    def forward(self, x):
        return self.states(x)[-1]

    def loss(self, x, y):
        e = y - self.forward(x)
        return 0.5 * np.sum(e * e) / len(e)

    def gradients(self, x, y):
        s = self.states(x)
        d = (s[-1] - y) * s[-1] * (1 - s[-1]) / len(y)
        grads = []
        for k in range(len(self.w) - 1, -1, -1):
            grads[:0] = [np.dot(s[k].T, d), np.sum(d, axis=0)]
            d = np.dot(d, self.w[k].T) * s[k] * (1 - s[k])
        return grads

    def train_step(self, x, y, learning_rate):
        for q, g in zip(self.parameters(), self.gradients(x, y)):
            q -= learning_rate * g


def build(sizes, seed):
    return Machine(sizes, seed)
