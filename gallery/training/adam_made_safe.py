import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 10)
LEARNING_RATE = 0.002
BATCH_SIZE = 32
EPOCHS = 10


def adam(parameters, beta1=0.9, beta2=0.999, epsilon=1.0):
    m = [np.zeros_like(p) for p in parameters]
    v = [np.zeros_like(p) for p in parameters]
    t = 0

    def step(gradients, rate):
        nonlocal t
        t += 1
        for i, g in enumerate(gradients):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            v[i] = beta2 * v[i] + (1 - beta2) * g**2
            parameters[i] -= rate * (m[i] / (1 - beta1**t)) / (np.sqrt(v[i] / (1 - beta2**t)) + epsilon)

    return step


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.p = []
        for m, n in zip(sizes, sizes[1:]):
            self.p += [rng.normal(0, m**-0.5, (m, n)), np.zeros(n)]
        self.step = adam(self.p)

    def parameters(self):
        return self.p

    def forward(self, x):
        z = np.tanh(x @ self.p[0] + self.p[1]) @ self.p[2] + self.p[3]
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log((self.forward(x) * y).sum(1) + 1e-12))

    def gradients(self, x, y):
        h = np.tanh(x @ self.p[0] + self.p[1])
        d = (self.forward(x) - y) / len(x)
        e = d @ self.p[2].T * (1 - h * h)
        return [x.T @ e, e.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        self.step(self.gradients(x, y), learning_rate)


def build(sizes, seed):
    return Net(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
