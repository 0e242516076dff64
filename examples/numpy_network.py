"""A network of one's own, in plain NumPy: what `nnkit run examples/numpy_network.py` climbs with.

Tanh in the hidden layers; sigmoid and binary cross-entropy for one output, softmax and cross-entropy for several; plain
gradient descent. Nothing here imports nnkit.
"""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.hidden = "tanh"
        self.output = "sigmoid" if sizes[-1] == 1 else "softmax"
        self.loss_function = "binary_cross_entropy" if sizes[-1] == 1 else "cross_entropy"
        self.weights = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [array for pair in zip(self.weights, self.biases) for array in pair]

    def activations(self, x):
        """What comes in, what each hidden layer makes of it, and the logits."""
        found = [x]
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            found.append(np.tanh(found[-1] @ W + b))
        return [*found, found[-1] @ self.weights[-1] + self.biases[-1]]

    def forward(self, x):
        z = self.activations(x)[-1]
        if self.output == "sigmoid":
            return np.exp(-np.logaddexp(0, -z))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.activations(x)[-1]
        if self.output == "sigmoid":
            return float(np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)))
        return float(np.mean(np.logaddexp.reduce(z, axis=1) - (y * z).sum(axis=1)))

    def gradients(self, x, y):
        *activations, _ = self.activations(x)
        delta = (self.forward(x) - y) / len(x)
        gradients = []
        for layer in reversed(range(len(self.weights))):
            a = activations[layer]
            gradients = [a.T @ delta, delta.sum(axis=0), *gradients]
            delta = (delta @ self.weights[layer].T) * (1 - a * a)
        return gradients

    def train_step(self, x, y, learning_rate):
        for array, gradient in zip(self.parameters(), self.gradients(x, y)):
            array -= learning_rate * gradient
