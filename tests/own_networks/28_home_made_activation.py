"""An experimenter: an activation of their own making, arctan with a slanted floor, and a softmax trained by squares."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer",
    "hidden": "home-made: arctan(z) + 0.1 z",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {"output": "softmax"}


def slanted_arctan(z):
    return np.arctan(z) + 0.1 * z


def slanted_arctan_slope(z):
    return 1 / (1 + z * z) + 0.1


class build:
    # not a name but the function itself
    hidden = staticmethod(slanted_arctan)

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights = [rng.triangular(-1, 0, 1, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.weights = [w * np.sqrt(6 / len(w)) for w in self.weights]
        self.shifts = [np.zeros(n) for n in sizes[1:]]
        self.output = np.zeros(sizes[-1])  # the latest answer, kept for plots

    def parameters(self):
        return [p for pair in zip(self.weights, self.shifts) for p in pair]

    def sums(self, x):
        found = []
        for w, b in zip(self.weights, self.shifts):
            found.append(x @ w + b)
            x = self.hidden(found[-1])
        return found

    def answer(self, z):
        if z.shape[1] == 1:
            return 0.5 + 0.5 * np.tanh(z / 2)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def forward(self, x):
        self.output = self.answer(self.sums(x)[-1])
        return self.output

    def loss(self, x, y):
        return np.mean((self.answer(self.sums(x)[-1]) - y) ** 2)

    def gradients(self, x, y):
        z = self.sums(x)
        p = self.answer(z[-1])
        d = 2 * (p - y) / y.size
        d = d * p * (1 - p) if p.shape[1] == 1 else p * (d - (d * p).sum(axis=1, keepdims=True))
        found = []
        for k in range(len(z) - 1, 0, -1):
            found = [slanted_arctan(z[k - 1]).T @ d, d.sum(axis=0), *found]
            d = d @ self.weights[k].T * slanted_arctan_slope(z[k - 1])
        return [x.T @ d, d.sum(axis=0), *found]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
