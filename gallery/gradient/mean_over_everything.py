"""Several yes-or-no outputs, one mean for all."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.M = [rng.normal(0, 1 / np.sqrt(m + 1), (m + 1, n)) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.M

    def rise(self, X):
        layers = []
        for M in self.M:
            layers.append(np.column_stack([X, np.ones(len(X))]))
            Z = layers[-1] @ M
            X = np.tanh(Z)
        return layers, Z

    def forward(self, X):
        return 0.5 + 0.5 * np.tanh(0.5 * self.rise(X)[1])

    def loss(self, X, T):
        Z = self.rise(X)[1]
        return np.mean(np.logaddexp(0, Z) - T * Z)

    def gradients(self, X, T):
        layers, Z = self.rise(X)
        P = 0.5 + 0.5 * np.tanh(0.5 * Z)
        d = (P - T) / len(P)
        grads = []
        for M, A in zip(self.M[::-1], layers[::-1]):
            grads.append(A.T @ d)
            d = (d @ M[:-1].T) * (1 - A[:, :-1] ** 2)
        return grads[::-1]

    def train_step(self, X, T, learning_rate):
        for M, g in zip(self.M, self.gradients(X, T)):
            M -= learning_rate * g
