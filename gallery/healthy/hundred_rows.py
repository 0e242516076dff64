"""A hundred rows, four columns, three kinds of flower that were made up; 150 epochs in batches of ten."""

import numpy as np

SIZES = (4, 8, 3)
LEARNING_RATE = 0.1
BATCH_SIZE = 10
EPOCHS = 150


class Flower:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.hidden_weights = rng.normal(0, 0.5, (sizes[0], sizes[1]))
        self.hidden_bias = np.zeros((1, sizes[1]))
        self.output_weights = rng.normal(0, 0.5, (sizes[1], sizes[2]))
        self.output_bias = np.zeros((1, sizes[2]))

    def parameters(self):
        return [self.hidden_weights, self.hidden_bias, self.output_weights, self.output_bias]

    def forward(self, X):
        self.hidden = 1 / (1 + np.exp(-(X @ self.hidden_weights + self.hidden_bias)))
        scores = self.hidden @ self.output_weights + self.output_bias
        exp_scores = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        return exp_scores / np.sum(exp_scores, axis=1, keepdims=True)

    def loss(self, X, y):
        return -np.sum(y * np.log(self.forward(X))) / X.shape[0]

    def gradients(self, X, y):
        output_error = (self.forward(X) - y) / X.shape[0]
        hidden_error = output_error @ self.output_weights.T * self.hidden * (1 - self.hidden)
        return [
            X.T @ hidden_error,
            hidden_error.sum(axis=0, keepdims=True),
            self.hidden.T @ output_error,
            output_error.sum(axis=0, keepdims=True),
        ]

    def train_step(self, X, y, learning_rate):
        for parameter, gradient in zip(self.parameters(), self.gradients(X, y)):
            parameter -= learning_rate * gradient


def build(sizes, seed):
    return Flower(sizes, seed)


def data():
    rng = np.random.default_rng(1936)
    centres = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
    kind = rng.permutation(np.arange(150) % 3)
    x = centres[kind] + rng.standard_normal((150, 4)) * [0.4, 0.3, 0.3, 0.15]
    x = (x - x[:100].mean(axis=0)) / x[:100].std(axis=0)
    y = np.eye(3)[kind]
    return x[:100], y[:100], x[100:], y[100:]
