"""A graduate of a famous first course on machine learning: Theta with the bias in column 0, lambda over 2m."""

import numpy as np

CONVENTIONS = {
    "layout": "Theta (out, 1 + in), bias in the first column",
    "hidden": "sigmoid",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": "l2 0.001/(2n) on weights",
    "update": "gradient descent",
}
SEVERAL = {}

LAMBDA = 0.001


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


def log_sigmoid(z):
    return -np.logaddexp(0, -z)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        # the course's recipe for breaking symmetry
        self.Theta = []
        for L_in, L_out in zip(sizes[:-1], sizes[1:]):
            epsilon_init = np.sqrt(6) / np.sqrt(L_in + L_out)
            self.Theta.append(rng.random((L_out, 1 + L_in)) * 2 * epsilon_init - epsilon_init)

    def parameters(self):
        return list(self.Theta)

    def propagate(self, X):
        m = X.shape[0]
        A, Z = [], []
        h = X
        for Theta in self.Theta:
            A.append(np.hstack([np.ones((m, 1)), h]))
            Z.append(A[-1] @ Theta.T)
            h = sigmoid(Z[-1])
        return A, Z, h

    def forward(self, X):
        return self.propagate(X)[2]

    def loss(self, X, y):
        m = X.shape[0]
        _, Z, _ = self.propagate(X)
        J = -1 / m * np.sum(y * log_sigmoid(Z[-1]) + (1 - y) * log_sigmoid(-Z[-1]))
        return J + LAMBDA / (2 * m) * sum(np.sum(T[:, 1:] ** 2) for T in self.Theta)

    def gradients(self, X, y):
        m = X.shape[0]
        A, Z, h = self.propagate(X)
        grads = [None] * len(self.Theta)
        delta = h - y
        for k in range(len(self.Theta) - 1, -1, -1):
            grads[k] = delta.T @ A[k] / m
            grads[k][:, 1:] += LAMBDA / m * self.Theta[k][:, 1:]
            if k > 0:
                s = sigmoid(Z[k - 1])
                delta = (delta @ self.Theta[k])[:, 1:] * s * (1 - s)
        return grads

    def train_step(self, X, y, learning_rate):
        for Theta, grad in zip(self.Theta, self.gradients(X, y)):
            Theta -= learning_rate * grad
