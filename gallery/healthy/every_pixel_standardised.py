"""Each pixel to mean zero and deviation one, the three pixels that never change left at zero; tanh, momentum."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 20, 10)
LEARNING_RATE = 0.01
BATCH_SIZE = 32
EPOCHS = 30


class StandardScaler:
    def fit(self, x):
        self.mean, self.scale = x.mean(axis=0), x.std(axis=0)
        self.scale[self.scale == 0] = 1
        return self

    def transform(self, x):
        return (x - self.mean) / self.scale


class MLP:
    def __init__(self, layer_sizes, seed):
        rng = np.random.default_rng(seed)
        self.coefs_, self.intercepts_ = [], []
        for m, n in zip(layer_sizes[:-1], layer_sizes[1:]):
            bound = np.sqrt(6 / (m + n))
            self.coefs_.append(rng.uniform(-bound, bound, (m, n)))
            self.intercepts_.append(rng.uniform(-bound, bound, n))
        self.velocities = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return self.coefs_ + self.intercepts_

    def _forward_pass(self, X):
        activations = [X]
        for coef, intercept in zip(self.coefs_[:-1], self.intercepts_[:-1]):
            activations.append(np.tanh(activations[-1] @ coef + intercept))
        z = activations[-1] @ self.coefs_[-1] + self.intercepts_[-1]
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        activations.append(p / p.sum(axis=1, keepdims=True))
        return activations

    def forward(self, X):
        return self._forward_pass(X)[-1]

    def loss(self, X, y):
        return -(y * np.log(np.clip(self.forward(X), 1e-10, 1))).sum() / len(X)

    def gradients(self, X, y):
        activations = self._forward_pass(X)
        delta = (activations[-1] - y) / len(X)
        coef_grads, intercept_grads = [], []
        for i in range(len(self.coefs_) - 1, -1, -1):
            coef_grads.insert(0, activations[i].T @ delta)
            intercept_grads.insert(0, delta.sum(axis=0))
            delta = (delta @ self.coefs_[i].T) * (1 - activations[i] ** 2)
        return coef_grads + intercept_grads

    def train_step(self, X, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.velocities, self.gradients(X, y)):
            v *= 0.9
            v -= learning_rate * g
            p += v


def build(sizes, seed):
    return MLP(sizes, seed)


def data():
    d = load()
    x = d.x_train.astype(float)
    scaler = StandardScaler().fit(x)
    return scaler.transform(x), one_hot(d.labels_train), scaler.transform(d.x_test * 1.0), one_hot(d.labels_test)
