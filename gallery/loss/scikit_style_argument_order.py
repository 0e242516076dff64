"""The loss as a function of its own, like in the library that one knows."""

import numpy as np


def log_loss(y_true, y_pred, eps=1e-7):
    y_pred = np.clip(y_pred, eps, 1 - eps)
    return -np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))


class MLPClassifier:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, layer_sizes, random_state):
        rng = np.random.RandomState(random_state)
        self.coefs_, self.intercepts_ = [], []
        for fan_in, fan_out in zip(layer_sizes[:-1], layer_sizes[1:]):
            limit = np.sqrt(6.0 / (fan_in + fan_out))
            self.coefs_.append(rng.uniform(-limit, limit, (fan_in, fan_out)))
            self.intercepts_.append(rng.uniform(-limit, limit, fan_out))

    def parameters(self):
        return self.coefs_ + self.intercepts_

    def _activations(self, X):
        activations = [X]
        last = len(self.coefs_) - 1
        for i, (coef, intercept) in enumerate(zip(self.coefs_, self.intercepts_)):
            z = activations[i] @ coef + intercept
            activations.append(np.tanh(z) if i != last else 1 / (1 + np.exp(-np.clip(z, -500, 500))))
        return activations

    def forward(self, X):
        return self._activations(X)[-1]

    def loss(self, X, Y):
        return log_loss(self.forward(X), Y)

    def gradients(self, X, Y):
        activations = self._activations(X)
        delta = (activations[-1] - Y) / Y.size
        coef_grads, intercept_grads = [], []
        for i in range(len(self.coefs_) - 1, -1, -1):
            coef_grads.insert(0, activations[i].T @ delta)
            intercept_grads.insert(0, delta.sum(axis=0))
            delta = (delta @ self.coefs_[i].T) * (1 - activations[i] ** 2)
        return coef_grads + intercept_grads

    def train_step(self, X, Y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, Y)):
            p -= learning_rate * g


def build(sizes, seed):
    return MLPClassifier(sizes, seed)
