"""Cross-entropy with rectifiers, gathered in a dictionary."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.n = len(sizes) - 1
        self.theta = {f"W{i}": rng.normal(0, np.sqrt(2 / sizes[i]), (sizes[i], sizes[i + 1])) for i in range(self.n)}
        self.theta.update({f"b{i}": np.full(sizes[i + 1], 0.05) for i in range(self.n)})

    def parameters(self):
        return list(self.theta.values())

    def logits(self, x):
        self.a = [x]
        for i in range(self.n):
            z = self.a[i] @ self.theta[f"W{i}"] + self.theta[f"b{i}"]
            self.a.append(np.maximum(z, 0))
        return z

    def forward(self, x):
        z = self.logits(x)
        if z.shape[1] == 1:
            return np.exp(-np.logaddexp(0, -z))
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.logits(x)
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(0, z) - y * z)
        return np.mean(np.logaddexp.reduce(z, axis=1) - (y * z).sum(axis=1))

    def gradients(self, x, y):
        out = self.forward(x)
        delta = out - y
        grads = {}
        for i in range(self.n - 1, -1, -1):
            grads[f"W{i}"], grads[f"b{i}"] = self.a[i].T @ delta, delta.sum(axis=0)
            delta = (delta @ self.theta[f"W{i}"].T) * (self.a[i] > 0)
        return [grads[name] for name in self.theta]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
