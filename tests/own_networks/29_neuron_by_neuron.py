"""A biologist: the network is a list of layers of neurons, each with its own weights and its own threshold."""

import numpy as np

CONVENTIONS = {
    "layout": "for each neuron its w (in,) and its b (1,)",
    "hidden": "sigmoid",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "sum",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class Neuron:
    def __init__(self, n_inputs, rng):
        self.w = rng.uniform(-1, 1, n_inputs) * 2 / np.sqrt(n_inputs)
        self.b = rng.uniform(-0.1, 0.1, 1)

    def fire(self, inputs):
        self.inputs = inputs
        self.rate = 0.5 * (1 + np.tanh(0.5 * (inputs @ self.w + self.b)))
        return self.rate

    def learn(self, blame):
        """blame (n,): d loss / d rate. Returns what is passed on to the inputs (n, inputs)."""
        delta = blame * self.rate * (1 - self.rate)
        self.dw = delta @ self.inputs
        self.db = np.array([delta.sum()])
        return np.outer(delta, self.w)


class Brain:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [[Neuron(m, rng) for _ in range(n)] for m, n in zip(sizes[:-1], sizes[1:])]
        self.neurons = [neuron for layer in self.layers for neuron in layer]

    def parameters(self):
        return [array for neuron in self.neurons for array in (neuron.w, neuron.b)]

    def forward(self, x):
        for layer in self.layers:
            x = np.stack([neuron.fire(x) for neuron in layer], axis=1)
        return x

    def loss(self, x, y):
        return 0.5 * ((y - self.forward(x)) ** 2).sum()

    def gradients(self, x, y):
        blame = self.forward(x) - y
        for layer in reversed(self.layers):
            blame = sum(neuron.learn(blame[:, j]) for j, neuron in enumerate(layer))
        return [array for neuron in self.neurons for array in (neuron.dw, neuron.db)]

    def train_step(self, x, y, learning_rate):
        self.gradients(x, y)
        for neuron in self.neurons:
            neuron.w -= learning_rate * neuron.dw
            neuron.b -= learning_rate * neuron.db


build = Brain
