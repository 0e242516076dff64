"""Object orientation as taught at school: everything private, with getters."""

import numpy as np


class Layer:
    def __init__(self, inputs, outputs, rng):
        self.__weights = rng.normal(0, np.sqrt(1 / inputs), (inputs, outputs))
        self.__bias = np.zeros(outputs)

    def get_weights(self):
        return np.array(self.__weights)

    def get_bias(self):
        return np.asarray(self.__bias)

    def compute(self, x):
        return x @ self.__weights + self.__bias

    def back(self, d):
        return d @ self.__weights.T

    def change(self, dw, db):
        self.__weights += dw
        self.__bias += db


class NeuralNetwork:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Layer(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return [p for layer in self.layers for p in (layer.get_weights(), layer.get_bias())]

    def activities(self, x):
        a = [x]
        for layer in self.layers:
            a.append(0.5 * (1 + np.tanh(0.5 * layer.compute(a[-1]))))
        return a

    def forward(self, x):
        return self.activities(x)[-1]

    def loss(self, x, y):
        return np.mean((y - self.forward(x)) ** 2)

    def gradients(self, x, y):
        a = self.activities(x)
        d = 2 * (a[-1] - y) / y.size
        grads = []
        for layer, above, below in zip(self.layers[::-1], a[::-1], a[-2::-1]):
            d = d * above * (1 - above)
            grads = [below.T @ d, d.sum(axis=0), *grads]
            d = layer.back(d)
        return grads

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        for i, layer in enumerate(self.layers):
            layer.change(-learning_rate * grads[2 * i], -learning_rate * grads[2 * i + 1])


def build(sizes, seed):
    return NeuralNetwork(sizes, seed)
