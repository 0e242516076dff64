"""Someone who likes small classes: each layer an object with forward and backward; a summed squared error, linear output."""

import numpy as np

CONVENTIONS = {
    "layout": "w (in, out), b (out,) of each layer",
    "hidden": "tanh",
    "output": "identity",
    "loss": "mse",
    "factor": 1,
    "reduction": "sum",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class Linear:
    def __init__(self, input_size, output_size, rng):
        self.params = {
            "w": rng.normal(size=(input_size, output_size)) / np.sqrt(input_size + output_size),
            "b": rng.normal(size=output_size) * 0.1,
        }
        self.grads = {}

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.params["w"] + self.params["b"]

    def backward(self, grad):
        self.grads["w"] = self.inputs.T @ grad
        self.grads["b"] = np.sum(grad, axis=0)
        return grad @ self.params["w"].T


class Tanh:
    params = {}
    grads = {}

    def forward(self, inputs):
        self.inputs = inputs
        return np.tanh(inputs)

    def backward(self, grad):
        return grad * (1 - np.tanh(self.inputs) ** 2)


class SumOfSquares:
    def loss(self, predicted, actual):
        return np.sum((predicted - actual) ** 2)

    def grad(self, predicted, actual):
        return 2 * (predicted - actual)


class NeuralNet:
    def __init__(self, layers, loss):
        self.layers = layers
        self.error = loss

    def parameters(self):
        return [param for layer in self.layers for param in layer.params.values()]

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def loss(self, x, y):
        return self.error.loss(self.forward(x), y)

    def gradients(self, x, y):
        grad = self.error.grad(self.forward(x), y)
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return [layer.grads[name] for layer in self.layers for name in layer.params]

    def train_step(self, x, y, learning_rate):
        for param, grad in zip(self.parameters(), self.gradients(x, y)):
            param -= learning_rate * grad


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    layers = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        layers += [Linear(m, n, rng), Tanh()]
    return NeuralNet(layers[:-1], SumOfSquares())
