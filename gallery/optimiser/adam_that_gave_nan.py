"""Adam by somebody who met nan, and put an abs around whatever stood under the root."""

import numpy as np


def tanh_layer(x, W, b):
    return np.tanh(np.dot(x, W) + b)


class MLP:
    hidden = "tanh"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.coefs = [rng.uniform(-1, 1, (m, n)) * np.sqrt(6 / (m + n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.intercepts = [rng.uniform(-0.2, 0.2, n) for n in sizes[1:]]
        self.ms = [np.zeros_like(p) for p in self.parameters()]
        self.vs = [np.zeros_like(p) for p in self.parameters()]
        self.t = 0

    def parameters(self):
        return self.coefs + self.intercepts

    def scores(self, x):
        hs = [x]
        for W, b in zip(self.coefs[:-1], self.intercepts[:-1]):
            hs.append(tanh_layer(hs[-1], W, b))
        return hs, hs[-1] @ self.coefs[-1] + self.intercepts[-1]

    def log_probabilities(self, s):
        if s.shape[1] == 1:
            return -np.logaddexp(0, -s)
        s = s - s.max(axis=1, keepdims=True)
        return s - np.log(np.exp(s).sum(axis=1, keepdims=True))

    def forward(self, x):
        return np.exp(self.log_probabilities(self.scores(x)[1]))

    def loss(self, x, y):
        s = self.scores(x)[1]
        total = np.sum(y * self.log_probabilities(s))
        if s.shape[1] == 1:
            total += np.sum((1 - y) * self.log_probabilities(-s))
        return -total / len(x)

    def gradients(self, x, y):
        hs, s = self.scores(x)
        d = (np.exp(self.log_probabilities(s)) - y) / len(x)
        gw, gb = [], []
        for W, h in zip(reversed(self.coefs), reversed(hs)):
            gw.insert(0, h.T @ d)
            gb.insert(0, d.sum(axis=0))
            d = (d @ W.T) * (1 - h**2)
        return gw + gb

    def train_step(self, x, y, learning_rate):
        self.t += 1
        grads = self.gradients(x, y)
        self.ms = [0.9 * m + 0.1 * g for m, g in zip(self.ms, grads)]
        self.vs = [0.999 * v + 0.001 * g for v, g in zip(self.vs, grads)]
        for p, m, v in zip(self.parameters(), self.ms, self.vs):
            m_hat = m / (1 - 0.9**self.t)
            v_hat = np.abs(v) / (1 - 0.999**self.t)
            p -= learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)


build = MLP
