"""ELU units under a softmax; RMSProp."""

import numpy as np
from nnkit.datasets import digits, one_hot

SIZES = (64, 60, 10)
LEARNING_RATE = 0.003
BATCH_SIZE = 32
EPOCHS = 15


def elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def elu_prime(z):
    return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)))


class EluNetwork:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes, sizes[1:])]
        self.bs = [np.zeros(n) for n in sizes[1:]]
        self.square = [np.zeros_like(p) for p in self.parameters()]

    def parameters(self):
        return [*self.Ws, *self.bs]

    def zs(self, x):
        result, a = [], x
        for W, b in zip(self.Ws, self.bs):
            result.append(a @ W + b)
            a = elu(result[-1])
        return result

    def forward(self, x):
        z = self.zs(x)[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        z = self.zs(x)[-1]
        z = z - z.max(axis=1, keepdims=True)
        return np.sum(np.log(np.sum(np.exp(z), axis=1)) - np.sum(y * z, axis=1)) / len(x)

    def gradients(self, x, y):
        zs = self.zs(x)
        delta = (self.forward(x) - y) / len(x)
        dW, db = [], []
        for k in reversed(range(len(zs))):
            before = elu(zs[k - 1]) if k else x
            dW.insert(0, before.T @ delta)
            db.insert(0, delta.sum(axis=0))
            if k:
                delta = delta @ self.Ws[k].T * elu_prime(zs[k - 1])
        return dW + db

    def train_step(self, x, y, learning_rate):
        for p, s, g in zip(self.parameters(), self.square, self.gradients(x, y)):
            s *= 0.9
            s += 0.1 * g * g
            p -= learning_rate * g / (np.sqrt(s) + 1e-6)


build = EluNetwork


def data():
    d = digits.load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
