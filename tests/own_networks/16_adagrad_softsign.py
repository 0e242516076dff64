"""A reader of papers on initialisation: softsign units, Adagrad, weights within the square root of six over the fans."""

import numpy as np

CONVENTIONS = {
    "layout": "W (out, in), b (out, 1) of each layer",
    "hidden": "softsign",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "adagrad 1e-8",
}
SEVERAL = {}


def softsign(z):
    return z / (1 + np.abs(z))


def softsign_derivative(z):
    return 1 / (1 + np.abs(z)) ** 2


class MultiLayerPerceptron:
    def __init__(self, sizes, seed):
        gen = np.random.default_rng(seed)
        self.depth = len(sizes) - 1
        self.theta = []
        for i in range(self.depth):
            r = np.sqrt(6.0 / (sizes[i] + sizes[i + 1]))
            self.theta.append(gen.uniform(-r, r, size=(sizes[i + 1], sizes[i])))
            self.theta.append(np.zeros((sizes[i + 1], 1)))
        self.squares = [np.zeros(p.shape) for p in self.theta]

    def parameters(self):
        return self.theta

    def preactivations(self, x):
        z = []
        h = x.transpose()
        for i in range(self.depth):
            z.append(self.theta[2 * i] @ h + self.theta[2 * i + 1])
            h = softsign(z[-1])
        return z

    def forward(self, x):
        return (0.5 + 0.5 * np.tanh(0.5 * self.preactivations(x)[-1])).transpose()

    def loss(self, x, y):
        z = self.preactivations(x)[-1]
        t = y.transpose()
        return np.sum(np.logaddexp(0, z) - t * z) / x.shape[0]

    def gradients(self, x, y):
        z = self.preactivations(x)
        grads = [np.zeros(p.shape) for p in self.theta]
        d = (self.forward(x) - y).transpose() / x.shape[0]
        for i in reversed(range(self.depth)):
            below = softsign(z[i - 1]) if i > 0 else x.transpose()
            grads[2 * i] += d @ below.transpose()
            grads[2 * i + 1] += d.sum(axis=1).reshape(-1, 1)
            if i > 0:
                d = (self.theta[2 * i].transpose() @ d) * softsign_derivative(z[i - 1])
        return grads

    def train_step(self, x, y, learning_rate):
        for p, s, g in zip(self.theta, self.squares, self.gradients(x, y)):
            s += g * g
            p -= learning_rate * g / (np.sqrt(s) + 1e-8)


build = MultiLayerPerceptron
