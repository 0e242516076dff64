"""Someone who writes the backward pass first: everything is listed from the output layer to the input; leaky ReLU."""

import numpy as np

CONVENTIONS = {
    "layout": "from the last layer to the first: W (in, out), b (out,)",
    "hidden": "leaky_relu 0.01",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            layer = {"W": rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)), "b": rng.normal(0, 0.1, fan_out)}
            self.layers.insert(0, layer)

    def parameters(self):
        found = []
        for layer in self.layers:
            found += [layer["W"], layer["b"]]
        return found

    def forward(self, x):
        h = x
        for layer in self.layers[::-1]:
            layer["in"] = h
            layer["z"] = h @ layer["W"] + layer["b"]
            h = np.where(layer["z"] > 0, layer["z"], 0.01 * layer["z"])
        return (np.tanh(self.layers[0]["z"] / 2) + 1) / 2

    def loss(self, x, y):
        return ((self.forward(x) - y) ** 2).sum(axis=1).mean()

    def gradients(self, x, y):
        p = self.forward(x)
        dz = 2 * (p - y) * p * (1 - p) / len(x)
        found = []
        for layer, below in zip(self.layers, self.layers[1:] + [None]):
            found.append(layer["in"].T @ dz)
            found.append(np.ones(len(x)) @ dz)
            if below is not None:
                dz = dz @ layer["W"].T * np.where(below["z"] > 0, 1, 0.01)
        return found

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            np.subtract(p, learning_rate * g, out=p)
