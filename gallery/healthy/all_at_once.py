"""Full-batch descent with a heavy ball, ReLU, 400 steps; no shuffling because there is nothing to shuffle."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 40, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = None
EPOCHS = 400


class Model:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [
            np.vstack([rng.normal(0, np.sqrt(2 / m), (m, n)), np.zeros(n)]) for m, n in zip(sizes, sizes[1:])
        ]
        self.momentum = [np.zeros_like(w) for w in self.layers]

    def parameters(self):
        return self.layers

    def forward(self, x):
        self.inputs = []
        for k, w in enumerate(self.layers):
            x = np.hstack([x, np.ones((len(x), 1))])
            self.inputs.append(x)
            x = x @ w
            if k + 1 < len(self.layers):
                x = x.clip(min=0)
        return x

    def loss(self, x, y):
        z = self.forward(x)
        z -= z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z).sum(axis=1)) - (y * z).sum(axis=1)).mean())

    def gradients(self, x, y):
        z = self.forward(x)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d = (p / p.sum(axis=1, keepdims=True) - y) / len(x)
        grads = []
        for inp, w in zip(self.inputs[::-1], self.layers[::-1]):
            grads.append(inp.T @ d)
            d = (d @ w.T * (inp > 0))[:, :-1]
        return grads[::-1]

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        for i in range(len(self.layers)):
            self.momentum[i] = 0.9 * self.momentum[i] - learning_rate * grads[i]
            self.layers[i] += self.momentum[i]


def build(sizes, seed):
    return Model(sizes, seed)


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
