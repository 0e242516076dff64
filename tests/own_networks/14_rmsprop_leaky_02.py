"""A hobbyist of generative models: leaky ReLU of 0.2, RMSProp, weights of 0.02."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer",
    "hidden": "leaky_relu 0.2",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "rmsprop 0.9 1e-8",
}
SEVERAL = {}


def lrelu(z, leak=0.2):
    return np.maximum(z, leak * z)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(scale=0.02, size=s) for s in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.cache = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        params = []
        for W, b in zip(self.W, self.b):
            params.extend((W, b))
        return params

    def _z(self, x):
        zs = []
        for W, b in zip(self.W, self.b):
            zs.append(x @ W + b)
            x = lrelu(zs[-1])
        return zs

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self._z(x)[-1]))

    def loss(self, x, y):
        z = self._z(x)[-1]
        return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

    def gradients(self, x, y):
        zs = self._z(x)
        dz = (np.exp(-np.logaddexp(0, -zs[-1])) - y) / y.size
        grads = []
        for i in range(len(self.W))[::-1]:
            inp = lrelu(zs[i - 1]) if i else x
            grads = [inp.T @ dz, dz.sum(0)] + grads
            if i:
                dz = dz @ self.W[i].T
                dz[zs[i - 1] < 0] *= 0.2
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g, c in zip(self.parameters(), self.gradients(x, y), self.cache):
            c[...] = 0.9 * c + 0.1 * g**2
            p -= learning_rate * g / (np.sqrt(c) + 1e-8)
