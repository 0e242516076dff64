"""No matrices: every neuron is an object with a row of weights, and everything is a loop."""

import math

import numpy as np


class Neuron:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def fire(self, inputs):
        self.inputs = inputs
        total = self.bias[0]
        for w, value in zip(self.weights, inputs):
            total += w * value
        self.output = 0.5 * (1 + math.tanh(total / 2))
        return self.output


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.uniform(-1, 1, (n, m)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros((n, 1)) for n in sizes[1:]]
        self.layers = [[Neuron(*pair) for pair in zip(w, b)] for w, b in zip(self.weights, self.biases)]

    def parameters(self):
        return [*self.weights, *self.biases]

    def predict(self, row):
        for layer in self.layers:
            row = [neuron.fire(row) for neuron in layer]
        return row

    def forward(self, x):
        return np.array([self.predict(row) for row in x])

    def loss(self, x, y):
        total = 0.0
        for row, target in zip(x, y):
            for o, t in zip(self.predict(row), target):
                total += (o - t) ** 2
        return total / len(x)

    def backpropagate(self, row, target):
        self.predict(row)
        for k, neuron in enumerate(self.layers[-1]):
            neuron.delta = 2 * (neuron.output - target[k]) * neuron.output * (1 - neuron.output)
        for l in range(len(self.layers) - 2, -1, -1):
            for j, neuron in enumerate(self.layers[l]):
                error = 0.0
                for above in self.layers[l + 1]:
                    error = above.weights[j] * above.delta
                neuron.delta = error * neuron.output * (1 - neuron.output)

    def gradients(self, x, y):
        dw = [np.zeros_like(w) for w in self.weights]
        db = [np.zeros_like(b) for b in self.biases]
        for row, target in zip(x, y):
            self.backpropagate(row, target)
            for l, layer in enumerate(self.layers):
                for j, neuron in enumerate(layer):
                    dw[l][j] = np.array(neuron.inputs) * neuron.delta / len(x)
                    db[l][j] += neuron.delta / len(x)
        return dw + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.weights, self.gradients(x, y)):
            p -= learning_rate * g
