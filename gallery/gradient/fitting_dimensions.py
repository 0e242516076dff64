"""The dimensions have to fit; a sheet of paper with shapes helped."""

import numpy as np


class Deep:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for n0, n1 in zip(sizes[:-1], sizes[1:]):
            self.params.append((rng.normal(size=(n0, n1)) * np.sqrt(2.0 / n0), np.zeros((1, n1))))

    def parameters(self):
        return [p for Wb in self.params for p in Wb]

    def model(self, X):
        memory = []
        A = X
        for W, b in self.params:
            Z = A @ W + b
            memory.append((A, Z))
            A = np.maximum(Z, 0)
        return Z, memory

    def forward(self, X):
        Z, _ = self.model(X)
        return np.exp(-np.logaddexp(0, -Z))

    def loss(self, X, Y):
        Z, _ = self.model(X)
        return np.mean(np.logaddexp(0, Z) - Y * Z)

    def gradients(self, X, Y):
        _, memory = self.model(X)
        dZ = (self.forward(X) - Y) / Y.size
        grads = []
        for l in range(len(self.params) - 1, -1, -1):
            W, _ = self.params[l]
            A, _ = memory[l]
            grads = [A.T @ dZ, dZ.sum(axis=0, keepdims=True)] + grads
            if l == 0:
                return grads
            dA = dZ @ W.reshape(W.shape[::-1])
            dZ = np.where(memory[l - 1][1] > 0, dA, 0)

    def train_step(self, X, Y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, Y)):
            p -= learning_rate * g


build = Deep
