"""The ball that rolls downhill, with its last move kept as the difference of two positions."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.params += [rng.normal(0, m**-0.5, (m, n)), np.zeros(n)]
        self.moves = [np.zeros_like(p) for p in self.params]

    def parameters(self):
        return self.params

    def hidden_states(self, x):
        hs = [x]
        for i in range(0, len(self.params), 2):
            hs.append(np.tanh(hs[-1] @ self.params[i] + self.params[i + 1]))
        return hs

    def forward(self, x):
        hs = self.hidden_states(x)
        return 1 / (1 + np.exp(-np.clip(hs[-2] @ self.params[-2] + self.params[-1], -300, 300)))

    def loss(self, x, y):
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x, y):
        hs = self.hidden_states(x)
        p = self.forward(x)
        d = 2 / y.size * (p - y) * p * (1 - p)
        grads = []
        for i in range(len(self.params) - 2, -1, -2):
            h = hs[i // 2]
            grads = [h.T @ d, d.sum(axis=0), *grads]
            d = (d @ self.params[i].T) * (1 - h**2)
        return grads

    def train_step(self, x, y, learning_rate):
        for p, move, g in zip(self.params, self.moves, self.gradients(x, y)):
            before = p.copy()
            p -= learning_rate * g + 0.9 * move
            move[...] = p - before
