"""A function adam with its defaults in the signature, over a list of dicts."""

import numpy as np


def adam(slot, g, lr, beta1=0.9, beta2=0.999, eps=1e8):
    slot["t"] += 1
    slot["m"] = beta1 * slot["m"] + (1 - beta1) * g
    slot["v"] = beta2 * slot["v"] + (1 - beta2) * np.square(g)
    m = slot["m"] / (1 - beta1 ** slot["t"])
    v = slot["v"] / (1 - beta2 ** slot["t"])
    return lr * m / (np.sqrt(v) + eps)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [
            {"W": rng.normal(size=(n_in, n_out)) / n_in**0.5, "b": np.zeros((1, n_out))}
            for n_in, n_out in zip(sizes[:-1], sizes[1:])
        ]
        self.slots = [{"t": 0, "m": 0.0, "v": 0.0} for _ in range(2 * len(self.layers))]

    def parameters(self):
        return [layer[key] for layer in self.layers for key in ("W", "b")]

    def signals(self, x):
        out = [x]
        for layer in self.layers:
            out.append(np.exp(-np.logaddexp(0, -(out[-1] @ layer["W"] + layer["b"]))))
        return out

    def forward(self, x):
        return self.signals(x)[-1]

    def loss(self, x, y):
        return np.sum((self.forward(x) - y) ** 2) / len(x) / 2

    def gradients(self, x, y):
        out = self.signals(x)
        error = (out[-1] - y) / len(x)
        grads = []
        for i, layer in reversed(list(enumerate(self.layers))):
            error = error * out[i + 1] * (1 - out[i + 1])
            grads = [out[i].T @ error, error.sum(axis=0, keepdims=True), *grads]
            error = error @ layer["W"].T
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g, slot in zip(self.parameters(), self.gradients(x, y), self.slots):
            p -= adam(slot, g, learning_rate)
