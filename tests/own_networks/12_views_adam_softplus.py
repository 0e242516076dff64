"""Someone who has profiled: one buffer for all parameters, named views as properties, Adam on the whole buffer at once."""

import numpy as np

CONVENTIONS = {
    "layout": "views of one buffer: W1 (in, out), W2, ..., then b1 (out,), b2, ...",
    "hidden": "softplus",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "adam 0.9 0.999 1e-8",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}


class build:
    def __init__(self, sizes, seed):
        self.sizes = tuple(sizes)
        self.shapes = list(zip(sizes[:-1], sizes[1:])) + [(n,) for n in sizes[1:]]
        self.buffer = np.zeros(sum(int(np.prod(s)) for s in self.shapes))
        self.slope = np.zeros_like(self.buffer)
        self.m = np.zeros_like(self.buffer)
        self.v = np.zeros_like(self.buffer)
        self.t = 0
        rng = np.random.default_rng(seed)
        for W in self.weights:
            W[:] = rng.normal(0, np.sqrt(1 / W.shape[0]), W.shape)

    def views(self, buffer):
        ends = np.cumsum([int(np.prod(s)) for s in self.shapes])
        return [piece.reshape(s) for piece, s in zip(np.split(buffer, ends[:-1]), self.shapes)]

    @property
    def weights(self):
        return self.views(self.buffer)[: len(self.sizes) - 1]

    @property
    def biases(self):
        return self.views(self.buffer)[len(self.sizes) - 1 :]

    def parameters(self):
        return self.views(self.buffer)

    def _forward(self, x):
        acts, pre = [x], []
        for W, b in zip(self.weights, self.biases):
            pre.append(acts[-1] @ W + b)
            acts.append(np.logaddexp(0, pre[-1]))
        return acts, pre

    def forward(self, x):
        z = self._forward(x)[1][-1]
        if self.sizes[-1] == 1:
            return 1 / (1 + np.exp(np.minimum(-z, 700)))
        z = z - z.max(axis=-1, keepdims=True)
        return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)

    def loss(self, x, y):
        z = self._forward(x)[1][-1]
        if self.sizes[-1] == 1:
            return (y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).mean()
        z = z - z.max(axis=-1, keepdims=True)
        return ((np.log(np.exp(z).sum(axis=-1, keepdims=True)) - z) * y).sum() / len(y)

    def gradients(self, x, y):
        acts, pre = self._forward(x)
        found = self.views(self.slope.copy())
        half = len(self.sizes) - 1
        d = (self.forward(x) - y) / len(x)
        for k in range(half - 1, -1, -1):
            np.matmul(acts[k].T, d, out=found[k])
            np.sum(d, axis=0, out=found[half + k])
            if k > 0:
                d = d @ self.weights[k].T / (1 + np.exp(-np.maximum(pre[k - 1], -700)))
        return found

    def train_step(self, x, y, learning_rate):
        g = np.concatenate([a.ravel() for a in self.gradients(x, y)])
        self.t += 1
        self.m += (1 - 0.9) * (g - self.m)
        self.v += (1 - 0.999) * (g * g - self.v)
        m_hat = self.m / (1 - 0.9**self.t)
        v_hat = self.v / (1 - 0.999**self.t)
        self.buffer -= learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)
