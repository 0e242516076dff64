"""An athlete of competitions: Nesterov momentum, leaky ReLU of 0.1, biases as rows."""

import numpy as np

CONVENTIONS = {
    "layout": "b (1, out) before W (in, out) in each layer",
    "hidden": "leaky_relu 0.1",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "nesterov 0.9",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}


class Layer:
    def __init__(self, n_in, n_out, rng):
        self.b = 0.1 * np.ones((1, n_out))
        self.W = rng.normal(size=(n_in, n_out)) * np.sqrt(2.0 / n_in)
        self.velocity = [np.zeros_like(self.b), np.zeros_like(self.W)]


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [Layer(m, n, rng) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return [p for layer in self.layers for p in (layer.b, layer.W)]

    def logits(self, x):
        self.inputs = []
        for i, layer in enumerate(self.layers):
            if i:
                x = np.where(x > 0, x, 0.1 * x)
            self.inputs.append(x)
            x = x @ layer.W + layer.b
        return x

    def forward(self, x):
        z = self.logits(x)
        if z.shape[1] == 1:
            z = np.hstack([np.zeros_like(z), z])  # a sigmoid is a softmax over (0, z)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return p[:, 1:] if len(p[0]) == 2 and self.layers[-1].b.size == 1 else p

    def loss(self, x, y):
        z = self.logits(x)
        if z.shape[1] == 1:
            z, y = np.hstack([np.zeros_like(z), z]), np.hstack([1 - y, y])
        z = z - z.max(axis=1, keepdims=True)
        return -np.mean(np.sum(y * (z - np.log(np.exp(z).sum(axis=1, keepdims=True))), axis=1))

    def gradients(self, x, y):
        d = (self.forward(x) - y) / x.shape[0]
        inputs, grads = self.inputs, []
        for layer, inp in zip(self.layers[::-1], inputs[::-1]):
            grads = [d.sum(axis=0, keepdims=True), inp.T @ d, *grads]
            d = d @ layer.W.T * np.where(inp > 0, 1.0, 0.1)
        return grads

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        velocities = [v for layer in self.layers for v in layer.velocity]
        mu = 0.9
        for p, v, g in zip(self.parameters(), velocities, grads):
            v_prev = v.copy()
            v[:] = mu * v - learning_rate * g
            p += -mu * v_prev + (1 + mu) * v
