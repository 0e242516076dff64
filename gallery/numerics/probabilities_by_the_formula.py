"""Softmax by its formula; the loss is computed from logits with care."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        # one output is a choice between two: the other score is zero
        self.layers = [
            {"W": rng.normal(0, 1 / np.sqrt(m), (m, n)), "b": np.zeros((1, n))} for m, n in zip(sizes[:-1], sizes[1:])
        ]

    def parameters(self):
        return [v for layer in self.layers for v in layer.values()]

    def scores(self, x):
        hs = [x]
        for layer in self.layers[:-1]:
            hs.append(np.maximum(hs[-1] @ layer["W"] + layer["b"], 0))
        s = hs[-1] @ self.layers[-1]["W"] + self.layers[-1]["b"]
        return hs, np.hstack([s, np.zeros_like(s)]) if s.shape[1] == 1 else s

    def forward(self, x):
        s = self.scores(x)[1]
        e = np.exp(s)
        p = e / np.sum(e, axis=1, keepdims=True)
        return p[:, : self.layers[-1]["b"].size]

    def loss(self, x, y):
        s = self.scores(x)[1]
        if y.shape[1] == 1:
            y = np.hstack([y, 1 - y])
        return np.mean(np.logaddexp.reduce(s, axis=1) - np.sum(s * y, axis=1))

    def gradients(self, x, y):
        hs, _ = self.scores(x)
        d = (self.forward(x) - y) / len(x)
        grads = []
        for layer, h in zip(reversed(self.layers), reversed(hs)):
            grads = [h.T @ d, d.sum(axis=0, keepdims=True), *grads]
            d = (d @ layer["W"].T) * (h > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
