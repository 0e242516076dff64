"""A denoising autoencoder: the loop hides a fifth of the pixels, anew for each batch, and asks for the whole image."""

import numpy as np
from nnkit.datasets.digits import load

SIZES = (64, 100, 64)


class Denoiser:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.enc = rng.normal(0, 1 / np.sqrt(sizes[0]), (sizes[0], sizes[1]))
        self.enc_b = np.zeros(sizes[1])
        self.dec = rng.normal(0, 1 / np.sqrt(sizes[1]), (sizes[1], sizes[2]))
        self.dec_b = np.zeros(sizes[2])
        self.v = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [self.enc, self.enc_b, self.dec, self.dec_b]

    def forward(self, x):
        return np.tanh(x @ self.enc + self.enc_b) @ self.dec + self.dec_b

    def loss(self, x, y):
        return ((self.forward(x) - y) ** 2).sum() / len(x)

    def gradients(self, x, y):
        h = np.tanh(x @ self.enc + self.enc_b)
        d = 2 * (h @ self.dec + self.dec_b - y) / len(x)
        dh = d @ self.dec.T * (1 - h**2)
        return [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, v, g in zip(self.parameters(), self.v, self.gradients(x, y)):
            v *= 0.9
            v += g
            p -= learning_rate * v


def build(sizes, seed):
    return Denoiser(sizes, seed)


def fit(network, x, y, seed=0):
    rng = np.random.default_rng(seed)
    for epoch in range(100):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 50):
            rows = order[start : start + 50]
            hidden = rng.random((len(rows), x.shape[1])) < 0.2
            network.train_step(np.where(hidden, 0, x[rows]), y[rows], 0.02 if epoch < 75 else 0.004)


def data():
    d = load()
    x, x_test = d.x_train.astype(float), d.x_test.astype(float)
    return x, x, x_test, x_test
