"""Counting layers from zero, with the number of layers kept in L."""

import numpy as np


class MLP:
    hidden = "tanh"
    output = "softmax"
    loss_function = "cross_entropy"

    def __init__(self, sizes, seed):
        self.L = len(sizes) - 1
        if sizes[-1] == 1:
            self.output, self.loss_function = "sigmoid", "binary_cross_entropy"
        rng = np.random.RandomState(seed)
        self.W = [rng.randn(sizes[l], sizes[l + 1]) / np.sqrt(sizes[l]) for l in range(self.L)]
        self.b = [np.zeros((1, sizes[l + 1])) for l in range(self.L)]

    def parameters(self):
        return [*self.W, *self.b]

    def _forward(self, X):
        A = [X]
        for l in range(self.L):
            Z = A[l] @ self.W[l] + self.b[l]
            if l < self.L - 2:
                Z = np.tanh(Z)
            A.append(Z)
        return A

    def forward(self, X):
        Z = self._forward(X)[-1]
        if self.output == "sigmoid":
            return 1 / (1 + np.exp(-np.clip(Z, -500, 500)))
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True)

    def loss(self, X, Y):
        Z = self._forward(X)[-1]
        if self.output == "sigmoid":
            return np.mean(np.logaddexp(0, Z) - Y * Z)
        Z = Z - Z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(Z).sum(axis=1)) - (Y * Z).sum(axis=1))

    def gradients(self, X, Y):
        A = self._forward(X)
        dZ = (self.forward(X) - Y) / len(X)
        dW, db = [None] * self.L, [None] * self.L
        for l in range(self.L - 1, -1, -1):
            dW[l] = A[l].T @ dZ
            db[l] = dZ.sum(axis=0, keepdims=True)
            dZ = dZ @ self.W[l].T * (1 - A[l] ** 2)
        return dW + db

    def train_step(self, X, Y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, Y)):
            p -= learning_rate * g


build = MLP
