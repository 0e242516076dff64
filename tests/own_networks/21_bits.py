"""An information theorist: losses in bits, so every gradient carries 1/ln 2."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer",
    "hidden": "tanh",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1 / np.log(2),
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}

LN2 = np.log(2.0)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.channels = [
            [rng.laplace(0, 1 / np.sqrt(2 * m), (m, n)), rng.laplace(0, 0.1, n)] for m, n in zip(sizes, sizes[1:])
        ]

    def parameters(self):
        return [array for channel in self.channels for array in channel]

    def log2_odds(self, x):
        """Natural units inside the network, base two at its end."""
        self.seen = []
        for k, (W, b) in enumerate(self.channels):
            self.seen.append(x)
            x = x @ W + b
            if k + 1 < len(self.channels):
                x = np.tanh(x)
        return x / LN2

    def forward(self, x):
        z = self.log2_odds(x)
        if z.shape[1] == 1:
            return np.exp2(-np.logaddexp2(0, -z))
        return np.exp2(z - np.logaddexp2.reduce(z, axis=1)[:, None])

    def loss(self, x, y):
        z = self.log2_odds(x)
        if z.shape[1] == 1:
            return np.mean(np.logaddexp2(0, z) - y * z)
        return np.mean(np.logaddexp2.reduce(z, axis=1) - np.sum(y * z, axis=1))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / (LN2 * len(x))
        found = []
        for (W, _), a in zip(self.channels[::-1], self.seen[::-1]):
            found[:0] = [a.T @ d, d.sum(axis=0)]
            d = (d @ W.T) * (1 - a**2)
        return found

    def train_step(self, x, y, learning_rate):
        grads = iter(self.gradients(x, y))
        for channel in self.channels:
            channel[0] -= learning_rate * next(grads)
            channel[1] -= learning_rate * next(grads)
