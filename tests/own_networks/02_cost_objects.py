"""The same reader, two chapters later: a cost class, smaller weights, regularisation divided by the number of samples."""

import numpy as np

CONVENTIONS = {
    "layout": "all weights (out, in), then all biases (out, 1)",
    "hidden": "sigmoid",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": "l2 0.01/(2n) on weights",
    "update": "gradient descent",
}
SEVERAL = {}


class CrossEntropyCost:
    @staticmethod
    def fn(z, y):
        # log a and log(1 - a) straight from z: no log of zero
        return np.sum(np.logaddexp(0, z) - y * z)

    @staticmethod
    def delta(z, a, y):
        return a - y


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


class build:
    lmbda = 0.01

    def __init__(self, sizes, seed, cost=CrossEntropyCost):
        self.cost = cost
        rng = np.random.default_rng(seed)
        self.biases = [rng.standard_normal((n, 1)) for n in sizes[1:]]
        self.weights = [rng.standard_normal((n, m)) / np.sqrt(m) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return [*self.weights, *self.biases]

    def run(self, x):
        a = x.T
        zs, activations = [], [a]
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ a + b)
            a = sigmoid(zs[-1])
            activations.append(a)
        return zs, activations

    def forward(self, x):
        return self.run(x)[1][-1].T

    def loss(self, x, y):
        zs, _ = self.run(x)
        cost = self.cost.fn(zs[-1], y.T) / len(x)
        return cost + 0.5 * (self.lmbda / len(x)) * sum(np.sum(w**2) for w in self.weights)

    def gradients(self, x, y):
        n = len(x)
        zs, activations = self.run(x)
        delta = self.cost.delta(zs[-1], activations[-1], y.T) / n
        nabla_w, nabla_b = [], []
        for layer in range(len(self.weights) - 1, -1, -1):
            nabla_w.insert(0, delta @ activations[layer].T + self.lmbda / n * self.weights[layer])
            nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
            if layer:
                a = activations[layer]
                delta = (self.weights[layer].T @ delta) * a * (1 - a)
        return nabla_w + nabla_b

    def train_step(self, x, y, learning_rate):
        eta = learning_rate
        grads = self.gradients(x, y)
        L = len(self.weights)
        # rebinding, as in the book
        self.weights = [w - eta * g for w, g in zip(self.weights, grads[:L])]
        self.biases = [b - eta * g for b, g in zip(self.biases, grads[L:])]
