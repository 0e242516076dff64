"""Someone who saved memory halfway: float32 parameters, but float64 data, so that the sums are float64 after all."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer, float32, computed in float64",
    "hidden": "tanh",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "momentum 0.9",
}
SEVERAL = {}


class build:
    hidden = "Tanh"
    output = "Sigmoid"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.net = [
            (rng.normal(0, 1 / np.sqrt(a), (a, b)).astype("f4"), rng.normal(0, 0.01, b).astype("f4"))
            for a, b in zip(sizes[:-1], sizes[1:])
        ]
        self.momentum = [0.0 for _ in self.parameters()]

    def parameters(self):
        return [p for pair in self.net for p in pair]

    def trace(self, x):
        out = [np.asarray(x, dtype=np.float64)]
        for i, (W, b) in enumerate(self.net, 1):
            z = out[-1] @ W + b
            out.append(np.tanh(z) if i < len(self.net) else 0.5 * (np.tanh(0.5 * z) + 1))
        return out

    def forward(self, x):
        return self.trace(x)[-1]

    def loss(self, x, y):
        return ((y - self.forward(x)) ** 2).mean()

    def gradients(self, x, y):
        out = self.trace(x)
        grad = 2 * (out[-1] - y) / y.size * out[-1] * (1 - out[-1])
        found = []
        for i in range(len(self.net), 0, -1):
            found = [out[i - 1].T @ grad, grad.sum(axis=0)] + found
            grad = grad @ self.net[i - 1][0].T * (1 - out[i - 1] ** 2)
        return found

    def train_step(self, x, y, learning_rate):
        for i, (p, g) in enumerate(zip(self.parameters(), self.gradients(x, y))):
            self.momentum[i] = 0.9 * self.momentum[i] + g
            p -= learning_rate * self.momentum[i]
