"""All parameters unrolled into one vector, as the exercise wants it, with regularisation."""

import numpy as np

LAMBDA = 1e-4


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


class build:
    hidden = "sigmoid"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.RandomState(seed)
        self.shapes = [(m + 1, n) for m, n in zip(sizes[:-1], sizes[1:])]
        self.theta = np.concatenate([rng.uniform(-0.8, 0.8, m * n) for m, n in self.shapes])

    def parameters(self):
        return [self.theta]

    def unroll(self):
        mats, start = [], 0
        for m, n in self.shapes:
            mats.append(self.theta[start : start + m * n].reshape(m, n))
            start += m * n
        return mats

    def activations(self, x):
        acts = []
        a = x
        for T in self.unroll():
            acts.append(np.hstack([np.ones((len(x), 1)), a]))
            a = sigmoid(acts[-1] @ T)
        return acts, a

    def forward(self, x):
        return self.activations(x)[1]

    def loss(self, x, y):
        penalty = sum(np.sum(T[1:] ** 2) for T in self.unroll())
        return np.sum((self.forward(x) - y) ** 2) / (2 * len(x)) + LAMBDA / 2 * penalty

    def gradients(self, x, y):
        mats = self.unroll()
        acts, h = self.activations(x)
        d = (h - y) / len(x) * h * (1 - h)
        grads = []
        for T, a in zip(reversed(mats), reversed(acts)):
            grad = a.T @ d
            grads.insert(0, grad.ravel())
            d = (d @ T.T * a * (1 - a))[:, 1:] / len(x)
        return [np.concatenate(grads)]

    def train_step(self, x, y, learning_rate):
        alpha = 0.3
        self.theta -= alpha * self.gradients(x, y)[0]
