"""Columns are samples. Rectifiers, a logistic output for yes or no and a softmax for classes."""

import numpy as np


class ReluNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            W = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
            self.layers.append([W, np.full((n_out, 1), 0.01)])

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def hidden_columns(self, x):
        H = [x.T]
        for W, b in self.layers[:-1]:
            H.append(np.maximum(W @ H[-1], 0) + b)
        return H

    def top(self, H):
        W, b = self.layers[-1]
        return W @ H[-1] + b

    def probabilities(self, S):
        if len(S) == 1:
            return np.exp(-np.logaddexp(0, -S))
        E = np.exp(S - S.max(axis=0))
        return E / E.sum(axis=0)

    def forward(self, x):
        return self.probabilities(self.top(self.hidden_columns(x))).T

    def loss(self, x, y):
        S, T = self.top(self.hidden_columns(x)), y.T
        if len(S) == 1:
            return np.mean(np.logaddexp(0, S) - T * S)
        M = S.max(axis=0)
        return np.mean(M + np.log(np.exp(S - M).sum(axis=0)) - (T * S).sum(axis=0))

    def gradients(self, x, y):
        H = self.hidden_columns(x)
        D = (self.probabilities(self.top(H)) - y.T) / len(x)
        grads = []
        for (W, b), below in zip(self.layers[::-1], H[::-1]):
            grads = [D @ below.T, D.sum(axis=1, keepdims=True), *grads]
            D = (W.T @ D) * (below > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = ReluNet
