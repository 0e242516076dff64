"""A quick hack that stayed: `hidden` counts units, `output` is a list, parameters come as all b, then W last to first."""

import numpy as np

CONVENTIONS = {
    "layout": "all b (out,) first to last, then all W (in, out) last to first",
    "hidden": "relu",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class NN:
    def __init__(self, sizes, seed):
        r = np.random.default_rng(seed)
        self.hidden = sum(sizes[1:-1])
        self.output = list(range(sizes[-1]))
        self.loss_function = self.err
        self.W = [r.standard_normal((i, o)) * (2 / i) ** 0.5 for i, o in zip(sizes, sizes[1:])]
        self.b = [r.random(o) * 0.2 for o in sizes[1:]]

    def parameters(self):
        return self.b + self.W[::-1]

    def err(self, p, y):
        return 0.5 * np.mean((p - y) ** 2)

    def f(self, x):
        o = [x]
        for i in range(len(self.W)):
            z = o[-1] @ self.W[i] + self.b[i]
            o += [z.clip(0) if i + 1 < len(self.W) else 1 / (1 + np.exp(-z.clip(-700, 700)))]
        return o

    def forward(self, x):
        return self.f(x)[-1]

    def loss(self, x, y):
        return self.loss_function(self.forward(x), y)

    def gradients(self, x, y):
        o = self.f(x)
        d = (o[-1] - y) / y.size * o[-1] * (1 - o[-1])
        gW, gb = [], []
        for i in range(len(self.W))[::-1]:
            gW.append(o[i].T @ d)
            gb.insert(0, d.sum(0))
            d = d @ self.W[i].T * (o[i] > 0)
        return gb + gW

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p += -learning_rate * g


build = NN
