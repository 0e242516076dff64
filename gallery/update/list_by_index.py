"""A list of parameters, visited by index."""

import numpy as np


class build:
    hidden = "relu"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.theta = []
        for i in range(len(sizes) - 1):
            self.theta.append(rng.normal(0, np.sqrt(2 / sizes[i]), (sizes[i], sizes[i + 1])))
            self.theta.append(np.full((1, sizes[i + 1]), 0.1))

    def parameters(self):
        return self.theta

    def through(self, x):
        z, a = [], [x]
        for i in range(0, len(self.theta), 2):
            z.append(a[-1] @ self.theta[i] + self.theta[i + 1])
            a.append(np.maximum(0, z[-1]))
        a[-1] = np.exp(-np.logaddexp(0, -z[-1]))
        return z, a

    def forward(self, x):
        return self.through(x)[1][-1]

    def loss(self, x, y):
        return np.square(self.forward(x) - y).mean()

    def gradients(self, x, y):
        z, a = self.through(x)
        grads = [None] * len(self.theta)
        delta = 2 * (a[-1] - y) * a[-1] * (1 - a[-1]) / y.size
        for i in range(len(z) - 1, -1, -1):
            grads[2 * i] = a[i].T @ delta
            grads[2 * i + 1] = delta.sum(axis=0, keepdims=True)
            if i > 0:
                delta = (delta @ self.theta[2 * i].T) * (z[i - 1] > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        for i in range(len(grads) - 1):
            self.theta[i] = self.theta[i] - learning_rate * grads[i]
