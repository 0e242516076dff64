"""The mini-batch update of a well-known book, with the sum over the batch done by matrices and not by a loop."""

import numpy as np


def sigmoid(z):
    return np.where(z > 0, 1, np.exp(np.minimum(z, 0))) / (1 + np.exp(-np.abs(z)))


class Network:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.num_layers = len(sizes)
        self.biases = [rng.standard_normal((y, 1)) for y in sizes[1:]]
        self.weights = [rng.standard_normal((y, x)) / np.sqrt(x) for x, y in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return [*self.biases, *self.weights]

    def feedforward(self, a):
        activations = [a]
        for b, w in zip(self.biases, self.weights):
            activations.append(sigmoid(w @ activations[-1] + b))
        return activations

    def forward(self, x):
        return self.feedforward(x.T)[-1].T

    def loss(self, x, y):
        return 0.5 * np.mean(np.linalg.norm(self.forward(x) - y, axis=1) ** 2)

    def backprop(self, x, y):
        activations = self.feedforward(x.T)
        a = activations[-1]
        delta = (a - y.T) * a * (1 - a) / len(x)
        nabla_b, nabla_w = [], []
        for l in range(1, self.num_layers):
            nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
            nabla_w.insert(0, delta @ activations[-l - 1].T)
            a = activations[-l - 1]
            delta = self.weights[-l].T @ delta * a * (1 - a)
        return nabla_b, nabla_w

    def gradients(self, x, y):
        nabla_b, nabla_w = self.backprop(x, y)
        return nabla_b + nabla_w

    def update_mini_batch(self, mini_batch, eta):
        nabla_b, nabla_w = self.backprop(*mini_batch)
        factor = eta / len(mini_batch[0])
        self.weights = [w - factor * nw for w, nw in zip(self.weights, nabla_w)]
        self.biases = [b - factor * nb for b, nb in zip(self.biases, nabla_b)]

    def train_step(self, x, y, learning_rate):
        self.update_mini_batch((x, y), learning_rate)


build = Network
