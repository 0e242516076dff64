"""Loops over units, as in the pseudo code of a textbook; one sample after the other."""

import numpy as np


def f(t):
    return 0.5 * (1.0 + np.tanh(0.5 * t))


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.w = [rng.uniform(-1, 1, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.t = [rng.uniform(-0.5, 0.5, n) for n in sizes[1:]]

    def parameters(self):
        return self.w + self.t

    def present(self, pattern):
        state = [pattern]
        for w, t in zip(self.w, self.t):
            state.append(f(state[-1] @ w + t))
        return state

    def forward(self, x):
        return np.array([self.present(pattern)[-1] for pattern in x])

    def loss(self, x, y):
        return 0.5 * ((y - self.forward(x)) ** 2).sum()

    def gradients(self, x, y):
        dw = [np.zeros(w.shape) for w in self.w]
        dt = [np.zeros(t.shape) for t in self.t]
        for pattern, target in zip(x, y):
            state = self.present(pattern)
            o = state[-1]
            delta = np.zeros(len(o))
            for k in range(len(o)):
                delta[k] = (o[k] - target[k]) * o[k] * (1 - o[k])
            for l in range(len(self.w) - 1, -1, -1):
                dw[l] += np.outer(state[l], delta)
                dt[l] += delta
                h = state[l]
                below = np.zeros(len(h))
                for j in range(len(h)):
                    blame = 0.0
                    for i in range(len(delta)):
                        blame += self.w[l][j, i] * delta[i]
                    slope = o[k] * (1 - o[k])
                    below[j] = blame * slope
                delta = below
        return dw + dt

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
