import numpy as np
from nnkit.datasets import digits

SIZES = (64, 64, 32, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 32
EPOCHS = 8


class AdamNet:
    def __init__(self, sizes, seed, beta1=0.9, beta2=0.999, eps=1e-8):
        rng = np.random.default_rng(seed)
        self.p = []
        for i, o in zip(sizes[:-1], sizes[1:]):
            self.p += [rng.normal(0, np.sqrt(2 / i), (i, o)), np.zeros(o)]
        self.m = [np.zeros_like(q) for q in self.p]
        self.v = [np.zeros_like(q) for q in self.p]
        self.t, self.beta1, self.beta2, self.eps = 0, beta1, beta2, eps

    def parameters(self):
        return self.p

    def forward(self, x):
        n = len(self.p) // 2
        for k in range(n):
            x = x @ self.p[2 * k] + self.p[2 * k + 1]
            if k < n - 1:
                x = np.maximum(x, 0)
        x = np.exp(x - x.max(1, keepdims=True))
        return x / x.sum(1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(np.clip(self.forward(x), 1e-12, None)), axis=1))

    def gradients(self, x, y):
        n, a = len(self.p) // 2, [x]
        for k in range(n - 1):
            a.append(np.maximum(a[-1] @ self.p[2 * k] + self.p[2 * k + 1], 0))
        d, g = (self.forward(x) - y) / len(x), []
        for k in range(n - 1, -1, -1):
            g = [a[k].T @ d, d.sum(0)] + g
            d = d @ self.p[2 * k].T * (a[k] > 0)
        return g

    def train_step(self, x, y, learning_rate):
        self.t += 1
        for p, g, m, v in zip(self.p, self.gradients(x, y), self.m, self.v):
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g * g
            mhat = m / (1 - self.beta1**self.t)
            vhat = v / (1 - self.beta2**self.t)
            p -= learning_rate * mhat / (np.sqrt(vhat) + self.eps)


def build(sizes, seed):
    return AdamNet(sizes, seed)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
