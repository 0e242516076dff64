"""Layers that learn while the error passes through them; asked for gradients only, they hold still."""

import numpy as np


class Dense:
    def __init__(self, fan_in, fan_out, rng):
        self.weights = rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))
        self.bias = np.full(fan_out, 0.1)

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.weights + self.bias

    def backward(self, error, rate=0.0):
        self.d_weights = self.inputs.T @ error
        self.d_bias = error.sum(axis=0)
        self.weights -= rate * self.d_weights
        self.bias -= rate * self.d_bias
        return error @ self.weights.T


class LeakyReLU:
    def forward(self, inputs):
        self.inputs = inputs
        return np.where(inputs > 0, inputs, 0.1 * inputs)

    def backward(self, error, rate=0.0):
        return np.where(self.inputs > 0, error, 0.1 * error)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Dense(sizes[0], sizes[1], rng)]
        for m, n in zip(sizes[1:-1], sizes[2:]):
            self.layers += [LeakyReLU(), Dense(m, n, rng)]

    def parameters(self):
        return [p for layer in self.layers[::2] for p in (layer.weights, layer.bias)]

    def logits(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def log_odds(self, z):
        if z.shape[1] == 1:
            return -np.logaddexp(0, -z)
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)

    def forward(self, x):
        return np.exp(self.log_odds(self.logits(x)))

    def loss(self, x, y):
        z = self.logits(x)
        if z.shape[1] == 1:
            return -np.mean(y * self.log_odds(z) + (1 - y) * self.log_odds(-z))
        return -np.mean(np.sum(y * self.log_odds(z), axis=1))

    def backward(self, x, y, rate=0.0):
        error = (self.forward(x) - y) / len(x)
        for layer in reversed(self.layers):
            error = layer.backward(error, rate)

    def gradients(self, x, y):
        self.backward(x, y)
        return [g for layer in self.layers[::2] for g in (layer.d_weights, layer.d_bias)]

    def train_step(self, x, y, learning_rate):
        self.backward(x, y, learning_rate)
