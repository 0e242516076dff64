"""From an online course: parameters, caches and gradients are dictionaries, and each stage of the work is a function."""

import numpy as np


def initialize(layer_dims, seed):
    rng = np.random.default_rng(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = rng.standard_normal((layer_dims[l], layer_dims[l - 1])) / np.sqrt(layer_dims[l - 1])
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


def model_forward(X, parameters):
    L = len(parameters) // 2
    caches = {"A0": X}
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ caches[f"A{l - 1}"] + parameters[f"b{l}"]
        caches[f"Z{l}"] = Z
        caches[f"A{l}"] = np.maximum(Z, 0) if l < L else np.exp(-np.logaddexp(0, -Z))
    return caches[f"A{L}"], caches


def model_backward(AL, Y, parameters, caches):
    L = len(parameters) // 2
    m = Y.shape[1]
    grads = {}
    dZ = AL - Y
    for l in range(L, 0, -1):
        grads[f"W{l}"] = dZ @ caches[f"A{l - 1}"].T / m
        grads[f"b{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dZ = parameters[f"W{l}"].T @ dZ * (caches[f"Z{l - 1}"] > 0)
    return grads


def update_parameters(parameters, grads, learning_rate):
    return {name: parameters[name] - learning_rate * grads[name] for name in parameters}


class build:
    hidden = "relu"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        self.params = initialize(sizes, seed)

    def parameters(self):
        return list(self.params.values())

    def forward(self, x):
        return model_forward(x.T, self.params)[0].T

    def loss(self, x, y):
        L = len(self.params) // 2
        Z = model_forward(x.T, self.params)[1][f"Z{L}"]
        return np.sum(np.logaddexp(0, Z) - y.T * Z) / len(x)

    def gradients(self, x, y):
        AL, caches = model_forward(x.T, self.params)
        grads = model_backward(AL, y.T, self.params, caches)
        return [grads[name] for name in self.params]

    def train_step(self, x, y, learning_rate):
        AL, caches = model_forward(x.T, self.params)
        grads = model_backward(AL, y.T, self.params, caches)
        update_parameters(self.params, grads, learning_rate)
