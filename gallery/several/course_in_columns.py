"""Week 4 of the course: L layers, samples in columns, everything in dictionaries."""

import numpy as np


def initialize_parameters(layer_dims, seed):
    rng = np.random.default_rng(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = rng.standard_normal((layer_dims[l], layer_dims[l - 1])) / np.sqrt(layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def L_model_forward(X, parameters):
    L = len(parameters) // 2
    cache = {"A0": X}
    for l in range(1, L + 1):
        Z = parameters["W" + str(l)] @ cache["A" + str(l - 1)] + parameters["b" + str(l)]
        cache["A" + str(l)] = np.tanh(Z) if l < L else 0.5 * (1 + np.tanh(Z / 2))
    return cache["A" + str(L)], cache


def compute_cost(AL, Y):
    m = Y.shape[1]
    AL = np.clip(AL, 1e-15, 1 - 1e-15)
    return float(-1 / m * np.sum(Y * np.log(AL)))


def L_model_backward(AL, Y, cache, parameters):
    L = len(parameters) // 2
    m = Y.shape[1]
    grads = {}
    dZ = AL - Y
    for l in range(L, 0, -1):
        grads["dW" + str(l)] = 1 / m * dZ @ cache["A" + str(l - 1)].T
        grads["db" + str(l)] = 1 / m * np.sum(dZ, axis=1, keepdims=True)
        if l > 1:
            dA = parameters["W" + str(l)].T @ dZ
            dZ = dA * (1 - cache["A" + str(l - 1)])
    return grads


def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(1, L):
        parameters["W" + str(l)] -= learning_rate * grads["dW" + str(l)]
        parameters["b" + str(l)] -= learning_rate * grads["db" + str(l)]
    return parameters


class build:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        self.params = initialize_parameters(sizes, seed)

    def parameters(self):
        return list(self.params.values())

    def forward(self, x):
        return L_model_forward(x.T, self.params)[0].T

    def loss(self, x, y):
        return compute_cost(L_model_forward(x.T, self.params)[0], y.T)

    def gradients(self, x, y):
        AL, cache = L_model_forward(x.T, self.params)
        grads = L_model_backward(AL, y.T, cache, self.params)
        return [grads["d" + name] for name in self.params]

    def train_step(self, x, y, learning_rate):
        grads = dict(zip(["d" + name for name in self.params], self.gradients(x, y)))
        self.params = update_parameters(self.params, grads, learning_rate)
