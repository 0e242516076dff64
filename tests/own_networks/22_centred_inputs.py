"""A practitioner who centres the data where nobody forgets it: x - 0.5 inside forward."""

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
    "inputs": "x - 0.5 inside",
}
SEVERAL = {}


class DigitNet:
    loss_function = "BCE"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bs = [np.full(n, 0.1) for n in sizes[1:]]

    def preprocess(self, x):
        return x - 0.5

    def parameters(self):
        return [p for pair in zip(self.Ws, self.bs) for p in pair]

    def logits(self, x, keep=None):
        h = self.preprocess(x)
        last = len(self.Ws) - 1
        for i, (W, b) in enumerate(zip(self.Ws, self.bs)):
            if keep is not None:
                keep.append(h)
            h = h @ W + b
            if i < last:
                h = h * (h > 0)
        return h

    def forward(self, x):
        z = self.logits(x)
        out = np.empty_like(z)
        pos = z >= 0
        out[pos] = 1 / (1 + np.exp(-z[pos]))
        e = np.exp(z[~pos])
        out[~pos] = e / (1 + e)
        return out

    def loss(self, x, y):
        z = self.logits(x)
        return np.mean(z.clip(min=0) - z * y + np.log1p(np.exp(-abs(z))))

    def gradients(self, x, y):
        keep = []
        self.logits(x, keep)
        dz = (self.forward(x) - y) / y.size
        grads = []
        while keep:
            h = keep.pop()
            grads.insert(0, dz.sum(axis=0))
            grads.insert(0, h.T @ dz)
            dz = dz @ self.Ws[len(keep)].T * (h > 0)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p[...] = p - learning_rate * g


build = DigitNet
