"""A statistician's network: a logistic regression with layers below."""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.beta = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.alpha = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [*self.alpha, *self.beta]

    def predictors(self, X):
        design = [X]
        for a, b in zip(self.alpha, self.beta):
            eta = a + design[-1] @ b
            design.append(np.tanh(eta))
        return design[:-1], eta

    def forward(self, X):
        _, eta = self.predictors(X)
        return 1 / (1 + np.exp(-np.clip(eta, -700, 700)))

    def loss(self, X, y):
        _, eta = self.predictors(X)
        log_likelihood = y * eta - np.logaddexp(0, eta)
        return np.mean(log_likelihood)

    def gradients(self, X, y):
        design, _ = self.predictors(X)
        score = (self.forward(X) - y) / y.size
        d_alpha, d_beta = [], []
        for b, x in zip(self.beta[::-1], design[::-1]):
            d_alpha.append(score.sum(axis=0))
            d_beta.append(x.T @ score)
            score = (score @ b.T) * (1 - x**2)
        return d_alpha[::-1] + d_beta[::-1]

    def train_step(self, X, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(X, y)):
            p -= learning_rate * g
