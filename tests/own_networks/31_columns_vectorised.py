"""A graduate of a deep learning specialisation: samples as columns, W (out, in), b (out, 1), caches and dictionaries."""

import numpy as np

CONVENTIONS = {
    "layout": "W1 (out, in), b1 (out, 1), W2, b2, ...",
    "hidden": "relu",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


def initialize_parameters_deep(layer_dims, seed):
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = rng.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(2.0 / layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)


def linear_backward(dZ, cache):
    A_prev, W, _ = cache
    m = A_prev.shape[1]
    dW = 1.0 / m * np.dot(dZ, A_prev.T)
    db = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z, linear_cache = linear_forward(A, parameters["W" + str(l)], parameters["b" + str(l)])
        caches.append((linear_cache, Z))
        A = np.maximum(0, Z)
    AL = 1 / (1 + np.exp(-np.clip(Z, -700, 700)))
    return AL, caches


def compute_cost(ZL, Y):
    m = Y.shape[1]
    return np.squeeze(np.sum(np.maximum(ZL, 0) - ZL * Y + np.log1p(np.exp(-np.abs(ZL)))) / m)


def L_model_backward(AL, Y, caches):
    grads = {}
    dZ = AL - Y
    for l in reversed(range(len(caches))):
        linear_cache, _ = caches[l]
        dA, grads["dW" + str(l + 1)], grads["db" + str(l + 1)] = linear_backward(dZ, linear_cache)
        if l > 0:
            dZ = np.array(dA, copy=True)
            dZ[caches[l - 1][1] <= 0] = 0
    return grads


class build:
    def __init__(self, sizes, seed):
        self.params = initialize_parameters_deep(sizes, seed)

    def parameters(self):
        return list(self.params.values())

    def forward(self, x):
        return L_model_forward(x.T, self.params)[0].T

    def loss(self, x, y):
        _, caches = L_model_forward(x.T, self.params)
        return compute_cost(caches[-1][1], y.T)

    def gradients(self, x, y):
        AL, caches = L_model_forward(x.T, self.params)
        grads = L_model_backward(AL, y.T, caches)
        return [grads["d" + name] for name in self.params]

    def train_step(self, x, y, learning_rate):
        for name, grad in zip(self.params, self.gradients(x, y)):
            self.params[name] = self.params[name] - learning_rate * grad
