"""The policy of a small agent, cut out of its reinforcement learning code and put to work as a classifier."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Policy:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.theta = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.theta.append(rng.normal(0, 1 / np.sqrt(m), (m, n)))
            self.theta.append(np.zeros(n))
        self.binary = sizes[-1] == 1

    def parameters(self):
        return self.theta

    def preferences(self, x):
        layers = [x]
        for W, b in zip(self.theta[::2], self.theta[1::2]):
            layers.append(np.tanh(layers[-1] @ W + b))
        layers[-1] = layers[-2] @ self.theta[-2] + self.theta[-1]
        return layers

    def forward(self, x):
        h = self.preferences(x)[-1]
        return 1 / (1 + np.exp(-np.clip(h, -500, 500))) if self.binary else softmax(h)

    def loss(self, x, y):
        h = self.preferences(x)[-1]
        if self.binary:
            return np.mean(np.logaddexp(0, h) - y * h)
        h = h - h.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(h).sum(axis=1)) - (y * h).sum(axis=1))

    def gradients(self, x, y):
        layers = self.preferences(x)
        delta = (self.forward(x) - y) / len(x)
        grads = []
        for k in range(len(self.theta) // 2 - 1, -1, -1):
            grads[:0] = [layers[k].T @ delta, delta.sum(axis=0)]
            delta = (delta @ self.theta[2 * k].T) * (1 - layers[k] ** 2)
        return grads

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.theta, self.gradients(x, y)):
            t += learning_rate * g


build = Policy
