"""A tidy mind: all settings are in a dataclass, and functions take what they need from there."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Settings:
    lr: float = 0.5
    leak: float = 0.01
    scale: float = 1.0


@dataclass
class Model:
    weights: list
    biases: list
    settings: Settings = field(default_factory=Settings)

    def parameters(self):
        return [*self.weights, *self.biases]

    def _pass(self, x):
        zs, hs = [], [x]
        for w, b in zip(self.weights, self.biases):
            zs.append(hs[-1] @ w + b)
            hs.append(np.maximum(zs[-1], self.settings.leak * zs[-1]))
        return zs, hs

    def forward(self, x):
        z = self._pass(x)[0][-1]
        return np.exp(-np.logaddexp(0, -z))

    def loss(self, x, y):
        z = self._pass(x)[0][-1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        zs, hs = self._pass(x)
        d = (self.forward(x) - y) / y.size
        gw, gb = [], []
        for k in reversed(range(len(self.weights))):
            gw.insert(0, hs[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            if k:
                d = d @ self.weights[k].T * np.where(zs[k - 1] > 0, 1, self.settings.leak)
        return gw + gb

    def train_step(self, x, y, learning_rate):
        lr = self.settings.lr
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= lr * g


def build(sizes, seed):
    settings = Settings()
    rng = np.random.default_rng(seed)
    pairs = list(zip(sizes[:-1], sizes[1:]))
    weights = [rng.normal(0, settings.scale * np.sqrt(2 / m), p) for p in pairs for m in p[:1]]
    return Model(weights, [np.zeros(n) for _, n in pairs], settings)
