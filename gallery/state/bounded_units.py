"""Keeps the weights of each unit within a given length, as some do who use dropout."""

import numpy as np


def limited(W, longest):
    lengths = np.sqrt((W**2).sum(axis=0, keepdims=True))
    return W * np.minimum(1, longest / np.maximum(lengths, 1e-12))


class Model:
    hidden = "tanh"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.layers = [[rng.normal(0, 1.0, (m, n)), np.zeros((1, n))] for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def states(self, x):
        out = [x]
        for layer in self.layers:
            layer[0][...] = limited(layer[0], 4.0)
            W, b = layer
            z = out[-1] @ W + b
            out.append(np.tanh(z))
        return out, z

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -self.states(x)[1]))

    def loss(self, x, y):
        z = self.states(x)[1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def gradients(self, x, y):
        out, z = self.states(x)
        d = (np.exp(-np.logaddexp(0, -z)) - y) / len(x)
        grads = []
        for (W, _), h in zip(self.layers[::-1], out[-2::-1]):
            grads[:0] = [h.T @ d, d.sum(axis=0, keepdims=True)]
            d = d @ W.T * (1 - h**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = Model
