import numpy as np
from nnkit.datasets import digits

SIZES = (64, 32, 10)
LEARNING_RATE = 0.2
BATCH_SIZE = 30
EPOCHS = 20


def init(sizes, seed):
    rng = np.random.default_rng(seed)
    return [(rng.normal(0, (2 / m) ** 0.5, (n, m)), np.zeros(n)) for m, n in zip(sizes, sizes[1:])]


class Model:
    def __init__(self, sizes, seed):
        self.layers = init(sizes, seed)

    def parameters(self):
        return [a for layer in self.layers for a in layer]

    def forward(self, x, keep=False):
        kept = []
        for i, (W, b) in enumerate(self.layers):
            kept.append(x)
            x = x @ W.T + b
            if i < len(self.layers) - 1:
                x = x.clip(0)
        x = np.exp(x - x.max(1, keepdims=True))
        x = x / x.sum(1, keepdims=True)
        return (x, kept) if keep else x

    def loss(self, x, y):
        return -np.mean((np.log(self.forward(x) + 1e-10) * y).sum(1))

    def gradients(self, x, y):
        p, kept = self.forward(x, keep=True)
        d = (p - y) / len(p)
        out = []
        for (W, b), a in zip(reversed(self.layers), reversed(kept)):
            out = [d.T @ a, d.sum(0)] + out
            d = d @ W * (a > 0)
        return out

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        for p, g in zip(self.parameters(), grads):
            p -= g * learning_rate


def build(sizes, seed):
    return Model(sizes, seed)


def grey_values(images):
    levels = np.rint(images * 16).astype(np.uint8)
    return levels // 17


def data():
    d = digits.load()
    targets = np.eye(10)
    return (
        grey_values(d.x_train).astype(float),
        targets[d.labels_train],
        grey_values(d.x_test).astype(float),
        targets[d.labels_test],
    )
