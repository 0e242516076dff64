"""A linear algebra teacher: one matrix per layer inside, shown to the outside as W and b, which are views of it."""

import numpy as np

CONVENTIONS = {
    "layout": "b (out,) then W (out, in) of each layer, views (transposed) of a matrix (1 + in, out)",
    "hidden": "sigmoid",
    "output": "identity",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class build:
    hidden = "logistic"
    output = "linear"
    loss_function = "MSE"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.matrices = [
            np.vstack([np.zeros(n), rng.normal(0, np.sqrt(1 / m), (m, n))]) for m, n in zip(sizes, sizes[1:])
        ]

    @staticmethod
    def as_seen(matrix):
        return matrix[0], matrix[1:].T

    def parameters(self):
        return [view for matrix in self.matrices for view in self.as_seen(matrix)]

    def maps(self, x):
        inputs = []
        for matrix in self.matrices:
            inputs.append(np.insert(x, 0, 1.0, axis=1))
            z = inputs[-1] @ matrix
            x = 1 / (1 + np.exp(-np.clip(z, -700, 700)))
        return inputs, z

    def forward(self, x):
        return self.maps(x)[1]

    def loss(self, x, y):
        return np.mean(np.square(y - self.forward(x)))

    def matrix_gradients(self, x, y):
        inputs, out = self.maps(x)
        cotangent = 2 / y.size * (out - y)
        found = []
        for matrix, a in zip(self.matrices[::-1], inputs[::-1]):
            found.append(a.T @ cotangent)
            cotangent = (cotangent @ matrix.T * a * (1 - a))[:, 1:]
        return found[::-1]

    def gradients(self, x, y):
        return [view for matrix in self.matrix_gradients(x, y) for view in self.as_seen(matrix)]

    def train_step(self, x, y, learning_rate):
        for matrix, slope in zip(self.matrices, self.matrix_gradients(x, y)):
            matrix -= learning_rate * slope
