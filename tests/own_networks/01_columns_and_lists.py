"""A reader of an online book on deep learning: samples one by one, as columns, biases before weights."""

import numpy as np

CONVENTIONS = {
    "layout": "all biases (out, 1), then all weights (out, in)",
    "hidden": "sigmoid",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, sizes, seed):
        rng = np.random.RandomState(seed)
        self.num_layers = len(sizes)
        self.biases = [rng.randn(y, 1) for y in sizes[1:]]
        self.weights = [rng.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.biases + self.weights

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def forward(self, x):
        return np.array([self.feedforward(row.reshape(-1, 1)).ravel() for row in x])

    def loss(self, x, y):
        return 0.5 * sum(np.linalg.norm(a - t) ** 2 for a, t in zip(self.forward(x), y)) / len(x)

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].transpose())
        for layer in range(2, self.num_layers):
            delta = np.dot(self.weights[-layer + 1].transpose(), delta) * sigmoid_prime(zs[-layer])
            nabla_b[-layer] = delta
            nabla_w[-layer] = np.dot(delta, activations[-layer - 1].transpose())
        return nabla_b + nabla_w

    def gradients(self, x, y):
        total = [np.zeros(p.shape) for p in self.parameters()]
        for row, target in zip(x, y):
            one = self.backprop(row.reshape(-1, 1), target.reshape(-1, 1))
            total = [t + g for t, g in zip(total, one)]
        return [t / len(x) for t in total]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Network
