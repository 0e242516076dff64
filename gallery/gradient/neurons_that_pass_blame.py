"""Neurons with links to the neurons below; for a whole batch at a time."""

import numpy as np


class Neuron:
    def __init__(self, inputs, rng):
        self.inputs = inputs
        self.weights = rng.normal(0, 1 / np.sqrt(len(inputs)), len(inputs))
        self.bias = np.zeros(1)

    def fire(self):
        z = self.bias[0] + sum(w * i.value for w, i in zip(self.weights, self.inputs))
        self.value = np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


class Source:
    value = 0.0


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.sources = [Source() for _ in range(sizes[0])]
        self.layers = []
        below = self.sources
        for n in sizes[1:]:
            below = [Neuron(below, rng) for _ in range(n)]
            self.layers.append(below)

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in (neuron.weights, neuron.bias)]

    def forward(self, x):
        for source, column in zip(self.sources, x.T):
            source.value = column
        for layer in self.layers:
            for neuron in layer:
                neuron.fire()
        return np.stack([neuron.value for neuron in self.layers[-1]], axis=1)

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / len(x)

    def gradients(self, x, y):
        p = self.forward(x)
        for layer in [self.sources, *self.layers]:
            for unit in layer:
                unit.blame = np.zeros(len(x))
        for k, neuron in enumerate(self.layers[-1]):
            neuron.blame = 2 * (p[:, k] - y[:, k]) / len(x)
        for layer in reversed(self.layers):
            for neuron in layer:
                neuron.delta = neuron.blame * neuron.value * (1 - neuron.value)
                for k, below in enumerate(neuron.inputs):
                    below.blame = below.blame + neuron.delta
        grads = []
        for layer in self.layers:
            for neuron in layer:
                grads.append(np.array([np.sum(neuron.delta * i.value) for i in neuron.inputs]))
                grads.append(np.array([np.sum(neuron.delta)]))
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
