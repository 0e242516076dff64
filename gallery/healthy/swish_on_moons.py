"""Two half moons, SiLU units (z times its sigmoid), one output, batches of eight."""

import numpy as np

SIZES = (2, 16, 16, 1)
LEARNING_RATE = 0.3
BATCH_SIZE = 8
EPOCHS = 40


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


class MoonNet:
    def __init__(self, layout, seed):
        gen = np.random.default_rng(seed)
        self.weights = []
        self.biases = []
        for i in range(1, len(layout)):
            self.weights.append(gen.standard_normal((layout[i - 1], layout[i])) * np.sqrt(2 / layout[i - 1]))
            self.biases.append(np.zeros(layout[i]))

    def parameters(self):
        out = []
        for w, b in zip(self.weights, self.biases):
            out.append(w)
            out.append(b)
        return out

    def propagate(self, x):
        history = []
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = x @ w + b
            history.append((x, z))
            x = z * sigmoid(z) if i < len(self.weights) - 1 else z
        return x, history

    def forward(self, x):
        return sigmoid(self.propagate(x)[0])

    def loss(self, x, y):
        z = self.propagate(x)[0]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        z, history = self.propagate(x)
        error = (sigmoid(z) - y) / y.size
        grads = []
        for i in reversed(range(len(history))):
            inp, z = history[i]
            if i < len(history) - 1:
                s = sigmoid(z)
                error = error * (s + z * s * (1 - s))
            grads[:0] = [inp.T @ error, error.sum(axis=0)]
            error = error @ self.weights[i].T
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return MoonNet(sizes, seed)


def moons(n, rng):
    t = rng.uniform(0, np.pi, n)
    upper = np.c_[np.cos(t), np.sin(t)]
    lower = np.c_[1 - np.cos(t), 0.5 - np.sin(t)]
    label = rng.integers(0, 2, n)
    x = np.where(label[:, None] == 0, upper, lower) + 0.1 * rng.standard_normal((n, 2))
    return x, label[:, None].astype(float)


def data():
    rng = np.random.default_rng(11)
    return (*moons(400, rng), *moons(200, rng))
