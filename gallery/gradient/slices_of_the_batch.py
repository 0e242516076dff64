"""Forward for all, and backward with its own pass."""

import numpy as np


class Backward:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.layers.append({"w": rng.normal(0, np.sqrt(1 / m), (m, n)), "b": np.zeros((1, n))})

    def parameters(self):
        return [layer["w"] for layer in self.layers] + [layer["b"] for layer in self.layers]

    def run(self, x):
        trail = [x]
        for layer in self.layers:
            trail.append(np.arctan(trail[-1] @ layer["w"] + layer["b"]))
        return trail[:-1], trail[-2] @ self.layers[-1]["w"] + self.layers[-1]["b"]

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.run(x)[1]))

    def loss(self, x, y):
        z = self.run(x)[1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def gradients(self, x, y):
        xs, ys = x[:-1], y[:-1]
        trail, z = self.run(xs)
        d = (np.exp(-np.logaddexp(0, -z)) - ys) / len(x)
        dw, db = [], []
        for k in reversed(range(len(self.layers))):
            dw.insert(0, trail[k].T @ d)
            db.insert(0, d.sum(axis=0, keepdims=True))
            if k:
                below = np.tan(trail[k])
                d = d @ self.layers[k]["w"].T / (1 + below**2)
        return dw + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Backward
