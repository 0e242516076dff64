import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
WARMUP = 50_000
PEAK = 0.2


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = {}
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            self.params["w", i] = rng.normal(0, np.sqrt(2 / a), (a, b))
            self.params["b", i] = np.zeros(b)
        self.n = len(sizes) - 1

    def parameters(self):
        return list(self.params.values())

    def run(self, x):
        tape = []
        for i in range(self.n):
            tape.append(x)
            x = x @ self.params["w", i] + self.params["b", i]
            if i < self.n - 1:
                x = np.where(x > 0, x, 0.01 * x)
        return x, tape

    def forward(self, x):
        z, _ = self.run(x)
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        z, _ = self.run(x)
        m = z.max(1, keepdims=True)
        return np.mean(np.log(np.exp(z - m).sum(1)) + m[:, 0] - (y * z).sum(1))

    def gradients(self, x, y):
        _, tape = self.run(x)
        d = (self.forward(x) - y) / len(x)
        grads = {}
        for i in reversed(range(self.n)):
            grads["w", i], grads["b", i] = tape[i].T @ d, d.sum(0)
            d = d @ self.params["w", i].T * np.where(tape[i] > 0, 1, 0.01)
        return [grads[k] for k in self.params]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y, seed=0):
    rng, step = np.random.default_rng(seed), 0
    for epoch in range(15):
        for rows in np.array_split(rng.permutation(len(x)), 44):
            step += 1
            network.train_step(x[rows], y[rows], PEAK * min(1, step / WARMUP))
