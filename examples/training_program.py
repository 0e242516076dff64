"""A training in a file of its own: what `nnkit train examples/training_program.py` runs, watches and explains.

Put your network in the place of `build`, your data in that of `data`, and how you train below them. Nothing here imports
nnkit.
"""

import numpy as np

SIZES = (2, 16, 1)  # inputs, units of each hidden layer, outputs


class build:
    """The network: build(sizes, seed), with the five methods. The same seed must give the same weights."""

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
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
        return np.exp(-np.logaddexp(0, -self.activations(x)[-1]))

    def loss(self, x, y):
        z = self.activations(x)[-1]
        return float(np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)))

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


def data():
    """(x, y), or (x, y, x_test, y_test): x (n, inputs), y (n, outputs), as the network is to get them.

    Here: two half moons that reach into one another.
    """
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, np.pi, 1000)
    upper = rng.integers(0, 2, 1000)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x[upper == 0] = np.array([1.0, 0.4]) - x[upper == 0]
    x += rng.normal(0, 0.1, x.shape)
    y = upper[:, None].astype(float)
    return x[:800], y[:800], x[800:], y[800:]


# How it is trained. Each epoch takes all rows once, in a new order.
LEARNING_RATE = 0.5  # or a function of the epoch, from 0
BATCH_SIZE = 32
EPOCHS = 30

# In place of these three, a loop of your own:
#
# def fit(network, x, y):
#     for epoch in range(30):
#         for start in range(0, len(x), 32):
#             network.train_step(x[start : start + 32], y[start : start + 32], 0.5)
#
# And, if you have one, your own measure of success: def accuracy(outputs, y): return ...
