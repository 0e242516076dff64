"""A games programmer: float32 everywhere, ReLU, momentum with a velocity that holds the step."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer, float32",
    "hidden": "relu",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "momentum 0.9",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}

F = np.float32


class build:
    hidden = "ReLU"

    def __init__(self, sizes, seed):
        self.output = "softmax" if sizes[-1] > 1 else "logistic"
        rng = np.random.default_rng(seed)
        self.params = []
        for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
            self.params.append(rng.standard_normal((fan_in, fan_out), dtype=F) * F(np.sqrt(2 / fan_in)))
            self.params.append(np.full(fan_out, 0.05, dtype=F))
        self.velocity = [np.zeros_like(p) for p in self.params]

    def parameters(self):
        return self.params

    def logits(self, x):
        h = np.asarray(x, dtype=F)
        stack = []
        for i in range(0, len(self.params), 2):
            stack.append(h)
            z = h @ self.params[i] + self.params[i + 1]
            h = np.maximum(z, F(0))
        return z, stack

    def squash(self, z):
        if z.shape[1] == 1:
            return np.exp(-np.logaddexp(F(0), -z))
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def forward(self, x):
        return self.squash(self.logits(x)[0])

    def loss(self, x, y):
        z, _ = self.logits(x)
        y = np.asarray(y, dtype=F)
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(F(0), z) - y * z)
        z = z - z.max(1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(1)) - (y * z).sum(1))

    def gradients(self, x, y):
        z, stack = self.logits(x)
        d = (self.squash(z) - np.asarray(y, dtype=F)) / F(len(z))
        grads = []
        for i in range(len(self.params) - 2, -1, -2):
            h = stack.pop()
            grads = [h.T @ d, d.sum(0), *grads]
            d = (d @ self.params[i].T) * (h > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.params, self.velocity, self.gradients(x, y)):
            v *= F(0.9)
            v -= F(learning_rate) * g
            p += v
