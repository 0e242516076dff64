"""A careful writer of a common formula: log(p + eps), and a gradient that knows about the eps."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer",
    "hidden": "relu",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
    "guard": "log(p + 1e-8)",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy", "reduction": "mean"}

EPS = 1e-8


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.out = sizes[-1]
        self.w = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.b = [np.full(n, 0.1) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.w, self.b) for p in pair]

    def _steps(self, x):
        h = [x]
        for w, b in zip(self.w[:-1], self.b[:-1]):
            h.append(np.maximum(h[-1] @ w + b, 0))
        z = h[-1] @ self.w[-1] + self.b[-1]
        if self.out == 1:
            return h, 0.5 * (1 + np.tanh(z / 2))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return h, e / e.sum(axis=1, keepdims=True)

    def forward(self, x):
        return self._steps(x)[1]

    def loss(self, x, y):
        p = self.forward(x)
        if self.out == 1:
            return -np.mean(y * np.log(p + EPS) + (1 - y) * np.log(1 - p + EPS))
        return -np.mean(np.sum(y * np.log(p + EPS), axis=1))

    def gradients(self, x, y):
        h, p = self._steps(x)
        if self.out == 1:
            dp = (-y / (p + EPS) + (1 - y) / (1 - p + EPS)) / y.size
            dz = dp * p * (1 - p)
        else:
            dp = -y / (p + EPS) / len(x)
            dz = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
        grads = []
        for i in range(len(self.w) - 1, -1, -1):
            grads = [h[i].T @ dz, dz.sum(axis=0)] + grads
            dz = (dz @ self.w[i].T) * (h[i] > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
