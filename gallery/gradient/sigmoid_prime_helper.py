"""After a free book, with lists of column matrices, for whole batches at once."""

import numpy as np
from scipy.special import expit as sigmoid


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network(object):
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.num_layers = len(sizes)
        self.biases = [rng.standard_normal((y, 1)) for y in sizes[1:]]
        self.weights = [rng.standard_normal((y, x)) / np.sqrt(x) for x, y in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return self.biases + self.weights

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def forward(self, x):
        return self.feedforward(x.T).T

    def loss(self, x, y):
        return 0.5 * np.mean(np.linalg.norm(self.forward(x) - y, axis=1) ** 2)

    def backprop(self, x, y):
        activation = x
        activations = [x]
        for b, w in zip(self.biases, self.weights):
            activation = sigmoid(np.dot(w, activation) + b)
            activations.append(activation)
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        delta = (activations[-1] - y) * sigmoid_prime(activations[-1])
        nabla_b[-1] = delta.sum(axis=1, keepdims=True)
        nabla_w[-1] = np.dot(delta, activations[-2].T)
        for l in range(2, self.num_layers):
            delta = np.dot(self.weights[-l + 1].T, delta) * sigmoid_prime(activations[-l])
            nabla_b[-l] = delta.sum(axis=1, keepdims=True)
            nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
        return nabla_b, nabla_w

    def gradients(self, x, y):
        nabla_b, nabla_w = self.backprop(x.T, y.T)
        return [g / len(x) for g in nabla_b + nabla_w]

    def train_step(self, x, y, learning_rate):
        eta = learning_rate
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= eta * g


build = Network
