"""A user of an older framework's formula: probabilities clipped to [1e-7, 1 - 1e-7], slope zero where clipped."""

import numpy as np

CONVENTIONS = {
    "layout": "kernel (in, out), bias (out,) of each layer",
    "hidden": "elu",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
    "guard": "p clipped to [1e-7, 1 - 1e-7]",
}
SEVERAL = {}

EPSILON = 1e-7


class Dense:
    def __init__(self, inputs, units, activation, rng):
        limit = np.sqrt(6 / (inputs + units))
        self.kernel = rng.uniform(-limit, limit, (inputs, units))
        self.bias = np.zeros(units)
        self.activation = activation

    def __call__(self, x):
        self.x, self.z = x, x @ self.kernel + self.bias
        if self.activation == "elu":
            self.y = np.where(self.z > 0, self.z, np.exp(np.minimum(self.z, 0)) - 1)
        else:
            self.y = 1 / (1 + np.exp(-np.clip(self.z, -700, 700)))
        return self.y

    def backward(self, dy):
        dz = dy * (np.where(self.z > 0, 1, self.y + 1) if self.activation == "elu" else self.y * (1 - self.y))
        self.d_kernel, self.d_bias = self.x.T @ dz, dz.sum(axis=0)
        return dz @ self.kernel.T


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def parameters(self):
        return [p for layer in self.layers for p in (layer.kernel, layer.bias)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def loss(self, x, y):
        p = np.clip(self.forward(x), EPSILON, 1 - EPSILON)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        raw = self.forward(x)
        p = np.clip(raw, EPSILON, 1 - EPSILON)
        dy = (p - y) / (p * (1 - p)) / y.size * (p == raw)
        for layer in self.layers[::-1]:
            dy = layer.backward(dy)
        return [g for layer in self.layers for g in (layer.d_kernel, layer.d_bias)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    names = ["elu"] * (len(sizes) - 2) + ["sigmoid"]
    return Sequential([Dense(m, n, name, rng) for m, n, name in zip(sizes[:-1], sizes[1:], names)])
