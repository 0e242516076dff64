"""A network of sigmoid layers. Every layer's inputs get a column of ones in front, so that the first row of its weights
is its bias."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def add_bias(a):
    return np.hstack([np.ones((a.shape[0], 1)), a])


class NeuralNetwork:
    def __init__(self, layers, seed):
        rng = np.random.RandomState(seed)
        self.weights = []
        for i in range(len(layers) - 1):
            self.weights.append(rng.normal(0.1, 0.1, size=(layers[i] + 1, layers[i + 1])))

    def parameters(self):
        return self.weights

    def forward_propagate(self, X):
        activations = [add_bias(X)]
        for w in self.weights[:-1]:
            activations.append(add_bias(sigmoid(np.dot(activations[-1], w))))
        activations.append(sigmoid(np.dot(activations[-1], self.weights[-1])))
        return activations

    def forward(self, X):
        return self.forward_propagate(X)[-1]

    def loss(self, X, y):
        output = self.forward(X)
        return np.sum((output - y) ** 2) / 2

    def gradients(self, X, y):
        m = X.shape[0]
        activations = self.forward_propagate(X)
        output = activations[-1]
        delta = (output - y) * output * (1 - output)
        gradients = [np.dot(activations[-2].T, delta) / m]
        for i in range(len(self.weights) - 2, -1, -1):
            a = activations[i + 1][:, 1:]
            delta = np.dot(delta, self.weights[i + 1][1:].T) * a * (1 - a)
            gradients.insert(0, np.dot(activations[i].T, delta) / m)
        return gradients

    def train_step(self, X, y, learning_rate):
        for w, gradient in zip(self.weights, self.gradients(X, y)):
            w -= learning_rate * gradient


build = NeuralNetwork
