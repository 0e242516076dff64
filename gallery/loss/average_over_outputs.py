"""Mean squared error, with a name for every number."""

import numpy as np


class build:
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
            self.params.append(rng.normal(0, 1 / np.sqrt(fan_in), size=(fan_in, fan_out)))
            self.params.append(np.zeros(fan_out))

    def parameters(self):
        return self.params

    def forward(self, x):
        self.kept = []
        for W, b in zip(self.params[::2], self.params[1::2]):
            self.kept.append(x)
            x = 1 / (1 + np.exp(-np.clip(np.matmul(x, W) + b, -500, 500)))
        return x

    def loss(self, x, y):
        batch, outputs = y.shape
        squares = np.square(self.forward(x) - y)
        mse = np.sum(squares) / (batch * outputs)
        return mse / batch

    def gradients(self, x, y):
        p = self.forward(x)
        d = 2 * (p - y) / y.size * p * (1 - p)
        grads = []
        for W, a in zip(self.params[-2::-2], self.kept[::-1]):
            grads = [np.matmul(a.T, d), np.sum(d, axis=0)] + grads
            d = np.matmul(d, W.T) * a * (1 - a)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.params, self.gradients(x, y)):
            p -= learning_rate * g
