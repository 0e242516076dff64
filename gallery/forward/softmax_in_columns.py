"""From a notebook on digits: columns, softmax, Adam."""

import numpy as np


class Notebook:
    output = "softmax"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = {}
        for l in range(1, len(sizes)):
            self.p[f"W{l}"] = rng.standard_normal((sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1])
            self.p[f"b{l}"] = np.zeros((sizes[l], 1))
        self.L = len(sizes) - 1
        self.two = sizes[-1] == 1
        if self.two:
            self.output = "sigmoid"
        self.m = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.v = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.t = 0

    def parameters(self):
        return list(self.p.values())

    def squash(self, Z):
        if self.two:
            return np.exp(-np.logaddexp(0, -Z))
        exp = np.exp(Z - Z.max(axis=0, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    def through(self, X):
        A = {0: X}
        for l in range(1, self.L + 1):
            Z = self.p[f"W{l}"] @ A[l - 1] + self.p[f"b{l}"]
            A[l] = np.tanh(Z) if l < self.L else self.squash(Z)
        return A

    def forward(self, x):
        return self.through(x.T)[self.L].T

    def loss(self, x, y):
        P = np.clip(self.forward(x), 1e-15, 1 - 1e-15)
        if self.two:
            return -np.mean(y * np.log(P) + (1 - y) * np.log(1 - P))
        return -np.mean(np.sum(y * np.log(P), axis=1))

    def gradients(self, x, y):
        A = self.through(x.T)
        dZ = (A[self.L] - y.T) / len(x)
        g = {}
        for l in range(self.L, 0, -1):
            g[f"W{l}"] = dZ @ A[l - 1].T
            g[f"b{l}"] = dZ.sum(axis=1, keepdims=True)
            dZ = (self.p[f"W{l}"].T @ dZ) * (1 - A[l - 1] ** 2)
        return [g[k] for k in self.p]

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for k, g in zip(self.p, self.gradients(x, y)):
            self.m[k] = 0.9 * self.m[k] + 0.1 * g
            self.v[k] = 0.999 * self.v[k] + 0.001 * g**2
            m, v = self.m[k] / (1 - 0.9**self.t), self.v[k] / (1 - 0.999**self.t)
            self.p[k] -= learning_rate * m / (np.sqrt(v) + 1e-8)


build = Notebook
