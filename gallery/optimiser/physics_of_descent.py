"""A physicist: forces, velocities, positions."""

import numpy as np


class build:
    output = "softmax"
    loss_function = "cross_entropy"
    hidden = "tanh"

    def __init__(self, sizes, seed):
        if sizes[-1] == 1:
            self.output, self.loss_function = "sigmoid", "binary_cross_entropy"
        rng = np.random.default_rng(seed)
        self.shapes = list(zip(sizes[:-1], sizes[1:]))
        self.position = np.concatenate([np.r_[rng.normal(0, m**-0.5, m * n), np.zeros(n)] for m, n in self.shapes])
        self.velocity = np.zeros_like(self.position)

    def parameters(self):
        return [self.position]

    def matrices(self, vector):
        i = 0
        for m, n in self.shapes:
            yield vector[i : i + m * n].reshape(m, n), vector[i + m * n : i + m * n + n]
            i += m * n + n

    def states(self, x):
        s = [x]
        for W, b in self.matrices(self.position):
            energy = s[-1] @ W + b
            s.append(np.tanh(energy))
        return s, energy

    def forward(self, x):
        energy = self.states(x)[1]
        if energy.shape[1] == 1:
            return 0.5 + 0.5 * np.tanh(energy / 2)
        weight = np.exp(energy - energy.max(axis=1, keepdims=True))
        return weight / weight.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        energy = self.states(x)[1]
        if energy.shape[1] == 1:
            return np.mean(np.logaddexp(0, energy) - y * energy)
        return np.mean(np.logaddexp.reduce(energy, axis=1) - np.sum(y * energy, axis=1))

    def gradients(self, x, y):
        s, _ = self.states(x)
        slope = np.zeros_like(self.position)
        d = (self.forward(x) - y) / len(x)
        pairs = list(zip(self.matrices(self.position), self.matrices(slope)))
        for k in range(len(pairs) - 1, -1, -1):
            (W, _), (gW, gb) = pairs[k]
            gW += s[k].T @ d
            gb += d.sum(axis=0)
            d = d @ W.T * (1 - s[k] ** 2)
        return [slope]

    def train_step(self, x, y, learning_rate):
        force = -self.gradients(x, y)[0]
        self.velocity += learning_rate * force
        self.position += self.velocity
