"""Warm-up, then one over the square root of the step, as transformers are trained; here two tanh layers with Adam."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 48, 48, 10)
WARMUP = 150


class TransformerSchedule:
    def __init__(self, peak, warmup):
        self.peak, self.warmup, self.step = peak, warmup, 0

    def __call__(self):
        self.step += 1
        return self.peak * min(self.step / self.warmup, (self.warmup / self.step) ** 0.5)


class TanhStack:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
            self.params.append(rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out)))
            self.params.append(np.zeros(fan_out))
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.t = 0

    def parameters(self):
        return self.params

    def forward(self, x):
        self.hs = [x]
        n = len(self.params)
        for i in range(0, n - 2, 2):
            self.hs.append(np.tanh(self.hs[-1] @ self.params[i] + self.params[i + 1]))
        return self.hs[-1] @ self.params[n - 2] + self.params[n - 1]

    def loss(self, x, y):
        z = self.forward(x)
        return float(np.mean(np.logaddexp.reduce(z, axis=1) - np.sum(y * z, axis=1)))

    def gradients(self, x, y):
        z = self.forward(x)
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None]) - y) / len(x)
        g = [None] * len(self.params)
        for i in range(len(self.params) - 2, -1, -2):
            h = self.hs[i // 2]
            g[i], g[i + 1] = h.T @ d, d.sum(axis=0)
            d = d @ self.params[i].T * (1 - h**2)
        return g

    def train_step(self, x, y, learning_rate):
        self.t += 1
        b1, b2 = 0.9, 0.98
        for i, g in enumerate(self.gradients(x, y)):
            self.m[i] += (1 - b1) * (g - self.m[i])
            self.v[i] += (1 - b2) * (g**2 - self.v[i])
            m_hat, v_hat = self.m[i] / (1 - b1**self.t), self.v[i] / (1 - b2**self.t)
            self.params[i] -= learning_rate * m_hat / (np.sqrt(v_hat) + 1e-9)


def build(sizes, seed):
    return TanhStack(sizes, seed)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    rate = TransformerSchedule(0.004, WARMUP)
    for _ in range(20):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 32):
            rows = order[start : start + 32]
            network.train_step(x[rows], y[rows], rate())


def data():
    d = load()
    return 2.0 * d.x_train - 1, one_hot(d.labels_train), 2.0 * d.x_test - 1, one_hot(d.labels_test)
