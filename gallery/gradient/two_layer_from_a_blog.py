"""Following a post on a blog, with more layers than the post had."""

import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


class NeuralNetwork:
    def __init__(self, sizes, seed):
        np.random.seed(seed)
        self.weights = []
        self.biases = []
        for i in range(len(sizes) - 1):
            self.weights.append(np.random.randn(sizes[i], sizes[i + 1]) / np.sqrt(sizes[i]))
            self.biases.append(np.zeros((1, sizes[i + 1])))

    def parameters(self):
        return self.weights + self.biases

    def feedforward(self, x):
        self.layers = [x]
        for W, b in zip(self.weights, self.biases):
            self.layers.append(sigmoid(np.dot(self.layers[-1], W) + b))
        return self.layers[-1]

    def forward(self, x):
        return self.feedforward(x)

    def loss(self, x, y):
        return np.mean((y - self.feedforward(x)) ** 2)

    def gradients(self, x, y):
        out = self.feedforward(x)
        delta = 2 * (out - y) / y.size
        d_weights, d_biases = [], []
        for i in range(len(self.weights) - 1, -1, -1):
            d_weights.insert(0, np.dot(self.layers[i].T, delta))
            d_biases.insert(0, np.sum(delta, axis=0, keepdims=True))
            hidden = self.layers[i]
            delta = np.dot(delta, self.weights[i].T) * hidden * (1 - hidden)
        return d_weights + d_biases

    def train_step(self, x, y, learning_rate):
        for param, grad in zip(self.parameters(), self.gradients(x, y)):
            param -= learning_rate * grad


build = NeuralNetwork
