"""Logistic regression with ten classes: no hidden layer at all, weights that start at zero."""

import numpy as np
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

SIZES = (64, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 32
EPOCHS = 40


class SoftmaxRegression:
    def __init__(self, n_in, n_out):
        self.W = np.zeros((n_in, n_out))
        self.b = np.zeros(n_out)

    def parameters(self):
        return [self.W, self.b]

    def scores(self, X):
        return X @ self.W + self.b

    def forward(self, X):
        s = self.scores(X)
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, X, y):
        s = self.scores(X)
        s = s - s.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(s).sum(axis=1)) - (s * y).sum(axis=1))

    def gradients(self, X, y):
        d = (self.forward(X) - y) / len(X)
        return [X.T @ d, d.sum(axis=0)]

    def train_step(self, X, y, learning_rate):
        dW, db = self.gradients(X, y)
        self.W -= learning_rate * dW
        self.b -= learning_rate * db


def build(sizes, seed):
    return SoftmaxRegression(sizes[0], sizes[-1])


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
