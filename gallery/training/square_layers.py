import numpy as np
from nnkit.datasets import digits

SIZES = (64, 64, 64, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 10


def gaussian(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape) / np.sqrt(shape[0])


def build(sizes, seed):
    return Net([[gaussian((m, n), seed), np.zeros(n)] for m, n in zip(sizes, sizes[1:])])


class Net:
    def __init__(self, pairs):
        self.pairs = pairs

    def parameters(self):
        return [p for pair in self.pairs for p in pair]

    def trace(self, x):
        states = [x]
        for w, b in self.pairs[:-1]:
            states.append(np.tanh(states[-1] @ w + b))
        w, b = self.pairs[-1]
        scores = states[-1] @ w + b
        scores = np.exp(scores - scores.max(1)[:, None])
        return states, scores / scores.sum(1)[:, None]

    def forward(self, x):
        return self.trace(x)[1]

    def loss(self, x, y):
        return -np.sum(y * np.log(self.forward(x) + 1e-20)) / len(x)

    def gradients(self, x, y):
        states, p = self.trace(x)
        err = (p - y) / len(x)
        out = []
        for (w, _), s in zip(self.pairs[::-1], states[::-1]):
            out += [err.sum(0), s.T @ err]
            err = (err @ w.T) * (1 - s**2)
        return out[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
