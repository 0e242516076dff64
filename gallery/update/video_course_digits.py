"""After a video about digits in plain NumPy: samples in columns, names with numbers, everything divided by m."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        gen = np.random.default_rng(seed)
        self.L = len(sizes) - 1
        self.W = {i: gen.uniform(-0.5, 0.5, (sizes[i], sizes[i - 1])) for i in range(1, self.L + 1)}
        self.b = {i: gen.uniform(-0.5, 0.5, (sizes[i], 1)) for i in range(1, self.L + 1)}

    def parameters(self):
        return [*self.W.values(), *self.b.values()]

    def forward_prop(self, X):
        A, Z = {0: X}, {}
        for i in range(1, self.L + 1):
            Z[i] = self.W[i].dot(A[i - 1]) + self.b[i]
            A[i] = np.maximum(Z[i], 0)
        top = Z[self.L]
        if len(top) == 1:
            A[self.L] = 0.5 + 0.5 * np.tanh(0.5 * top)
        else:
            e = np.exp(top - top.max(axis=0))
            A[self.L] = e / e.sum(axis=0)
        return Z, A

    def forward(self, x):
        return self.forward_prop(x.T)[1][self.L].T

    def loss(self, x, y):
        z = self.forward_prop(x.T)[0][self.L].T
        if z.shape[1] == 1:
            return np.mean(np.logaddexp(0, z) - y * z)
        top = z.max(axis=1)
        return np.mean(top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - (y * z).sum(axis=1))

    def back_prop(self, x, y):
        m = len(x)
        Z, A = self.forward_prop(x.T)
        dZ = A[self.L] - y.T
        dW, db = {}, {}
        for i in range(self.L, 0, -1):
            dW[i] = 1 / m * dZ.dot(A[i - 1].T)
            db[i] = 1 / m * dZ.sum(axis=1, keepdims=True)
            if i > 1:
                dZ = self.W[i].T.dot(dZ) * (Z[i - 1] > 0)
        return dW, db

    def gradients(self, x, y):
        dW, db = self.back_prop(x, y)
        return [dW[i] for i in self.W] + [db[i] for i in self.b]

    def train_step(self, x, y, learning_rate):
        dW, db = self.back_prop(x, y)
        for i in range(1, self.L + 1):
            self.W[i] = self.W[i] - learning_rate * dW[i]
            db[i] = self.b[i] - learning_rate * db[i]
