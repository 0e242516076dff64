"""The exercise of an online course: columns are samples, dictionaries hold parameters, caches and gradients."""

import numpy as np


def initialize_parameters(layer_dims, seed):
    rng = np.random.RandomState(seed)
    params = {}
    for l in range(1, len(layer_dims)):
        params["W" + str(l)] = rng.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(2 / layer_dims[l - 1])
        params["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return params


def L_model_forward(X, params):
    caches = {"A0": X}
    L = len(params) // 2
    A = X
    for l in range(1, L + 1):
        Z = params["W" + str(l)] @ A + params["b" + str(l)]
        A = np.maximum(Z, 0) if l < L else 1 / (1 + np.exp(-np.clip(Z, -500, 500)))
        caches["Z" + str(l)], caches["A" + str(l)] = Z, A
    return A, caches


def compute_cost(A, Y):
    m = Y.shape[1]
    A = np.clip(A, 1e-15, 1 - 1e-15)
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m


def L_model_backward(A, Y, caches, params):
    grads = {}
    L = len(params) // 2
    m = Y.shape[1]
    dZ = (A - Y) * A * (1 - A)
    for l in range(L, 0, -1):
        grads["dW" + str(l)] = dZ @ caches["A" + str(l - 1)].T / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dA = params["W" + str(l)].T @ dZ
            dZ = dA * (caches["Z" + str(l - 1)] > 0)
    return grads


class build:
    def __init__(self, sizes, seed):
        self.params = initialize_parameters(sizes, seed)

    def parameters(self):
        return list(self.params.values())

    def forward(self, x):
        return L_model_forward(x.T, self.params)[0].T

    def loss(self, x, y):
        return compute_cost(L_model_forward(x.T, self.params)[0], y.T)

    def gradients(self, x, y):
        A, caches = L_model_forward(x.T, self.params)
        grads = L_model_backward(A, y.T, caches, self.params)
        return [grads["d" + name] for name in self.params]

    def train_step(self, x, y, learning_rate):
        for name, g in zip(self.params, self.gradients(x, y)):
            self.params[name] -= learning_rate * g
