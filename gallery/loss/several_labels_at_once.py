"""Tags for pictures: each output says yes or no by itself. Single precision would do, double is used."""

import numpy as np


class Tagger:
    hidden = "leaky_relu"
    output = "sigmoid"
    loss_function = "binary_cross_entropy"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.blocks = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.blocks.append(dict(w=rng.normal(0, np.sqrt(2 / m), (n, m)), b=np.zeros(n)))

    def parameters(self):
        return [block[name] for block in self.blocks for name in "wb"]

    def forward(self, x):
        h = np.asarray(x, dtype=float)
        for block in self.blocks:
            block["x"] = h
            z = block["z"] = h @ block["w"].T + block["b"]
            h = np.where(z > 0, z, 0.01 * z)
        return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        return float(-(y * np.log(p)).sum(axis=1).mean())

    def gradients(self, x, y):
        d = (self.forward(x) - y) / len(x)
        grads = []
        for k in range(len(self.blocks) - 1, -1, -1):
            block = self.blocks[k]
            grads = [d.T @ block["x"], d.sum(axis=0)] + grads
            if k:
                d = (d @ block["w"]) * np.where(self.blocks[k - 1]["z"] > 0, 1.0, 0.01)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Tagger
