"""A course's exercise: parameters and caches in dictionaries, examples in columns, Adam."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 50, 25, 10)
LEARNING_RATE = 0.002
BATCH_SIZE = 64
EPOCHS = 30


def initialize_parameters(layer_dims, seed):
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = rng.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(2.0 / layer_dims[l - 1])
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


def L_model_forward(X, parameters):
    L = len(parameters) // 2
    caches = {"A0": X}
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ caches[f"A{l - 1}"] + parameters[f"b{l}"]
        if l < L:
            caches[f"A{l}"] = np.maximum(0, Z)
        else:
            Z = Z - Z.max(axis=0)
            caches[f"A{l}"] = np.exp(Z) / np.exp(Z).sum(axis=0)
    return caches[f"A{L}"], caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(AL + 1e-12)) / m


def L_model_backward(AL, Y, caches, parameters):
    L = len(parameters) // 2
    m = Y.shape[1]
    grads = {}
    dZ = AL - Y
    for l in range(L, 0, -1):
        grads[f"W{l}"] = dZ @ caches[f"A{l - 1}"].T / m
        grads[f"b{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dZ = (parameters[f"W{l}"].T @ dZ) * (caches[f"A{l - 1}"] > 0)
    return grads


class Model:
    def __init__(self, sizes, seed):
        self.params = initialize_parameters(sizes, seed)
        self.v = {k: np.zeros_like(p) for k, p in self.params.items()}
        self.s = {k: np.zeros_like(p) for k, p in self.params.items()}
        self.t = 0

    def parameters(self):
        return list(self.params.values())

    def forward(self, x):
        return L_model_forward(x.T, self.params)[0].T

    def loss(self, x, y):
        return compute_cost(self.forward(x).T, y.T)

    def gradients(self, x, y):
        AL, caches = L_model_forward(x.T, self.params)
        grads = L_model_backward(AL, y.T, caches, self.params)
        return [grads[k] for k in self.params]

    def train_step(self, x, y, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.t += 1
        for k, g in zip(self.params, self.gradients(x, y)):
            self.v[k] = beta1 * self.v[k] + (1 - beta1) * g
            self.s[k] = beta2 * self.s[k] + (1 - beta2) * g**2
            v_corrected = self.v[k] / (1 - beta1**self.t)
            s_corrected = self.s[k] / (1 - beta2**self.t)
            self.params[k] -= learning_rate * v_corrected / (np.sqrt(s_corrected) + epsilon)


def build(sizes, seed):
    return Model(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
