"""Adam whose decay rates come as a pair, for a network of samples in columns."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Theta = [rng.uniform(-1, 1, (n, m + 1)) * np.sqrt(6 / (m + n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.betas = (0.999, 0.9)
        self.moments = [(0.0, 0.0) for _ in self.Theta]
        self.iteration = 0

    def parameters(self):
        return self.Theta

    def ascend(self, x):
        a = [np.vstack([np.ones(len(x)), x.T])]
        for T in self.Theta:
            a.append(np.vstack([np.ones(len(x)), 0.5 + 0.5 * np.tanh(T @ a[-1] / 2)]))
        return a

    def forward(self, x):
        return self.ascend(x)[-1][1:].T

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2) / 2

    def gradients(self, x, y):
        a = self.ascend(x)
        o = a[-1][1:]
        delta = (o - y.T) / y.size * o * (1 - o)
        g = []
        for T, h in zip(self.Theta[::-1], a[-2::-1]):
            g.append(delta @ h.T)
            delta = (T.T @ delta * h * (1 - h))[1:]
        return g[::-1]

    def train_step(self, x, y, learning_rate):
        self.iteration += 1
        b1, b2 = self.betas
        for i, g in enumerate(self.gradients(x, y)):
            m, v = self.moments[i]
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            self.moments[i] = (m, v)
            mh, vh = m / (1 - b1**self.iteration), v / (1 - b2**self.iteration)
            self.Theta[i] = self.Theta[i] - learning_rate * mh / (np.sqrt(vh) + 1e-8)
