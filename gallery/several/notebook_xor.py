"""My first network, copied together from a notebook: XOR with sigmoids."""

import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


class NeuralNet:
    def __init__(self, sizes, seed):
        np.random.seed(42)
        self.w = []
        self.b = []
        for i in range(len(sizes) - 1):
            self.w.append(np.random.randn(sizes[i], sizes[i + 1]))
            self.b.append(np.random.randn(1, sizes[i + 1]))

    def parameters(self):
        return self.w + self.b

    def forward(self, x):
        self.layer = [x]
        for w, b in zip(self.w, self.b):
            self.layer.append(sigmoid(np.dot(self.layer[-1], w) + b))
        return self.layer[-1]

    def loss(self, x, y):
        return 0.5 * np.sum((y - self.forward(x)) ** 2)

    def gradients(self, x, y):
        output = self.forward(x)
        error = output - y
        delta = error
        grad_w = [None] * len(self.w)
        grad_b = [None] * len(self.b)
        for i in range(len(self.w) - 1, -1, -1):
            grad_w[i] = np.dot(self.layer[i].T, delta)
            grad_b[i] = np.mean(delta, axis=0, keepdims=True)
            error = np.dot(delta, self.w[i].T)
            delta = error * self.layer[i] * (1 - self.layer[i])
        return grad_w + grad_b

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        for param, grad in zip(self.parameters(), grads):
            param += learning_rate * grad


build = NeuralNet
