"""A classifier with two classes keeps its probabilities in a vector, as scikit-learn's decision functions do."""

import numpy as np


class BinaryClassifier:
    def __init__(self, sizes, seed):
        if sizes[-1] > 1:
            raise ValueError("two classes only: one output")
        random = np.random.default_rng(seed)
        self.coef = [random.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.intercept = [random.normal(0, 0.1, n) for n in sizes[1:]]

    def parameters(self):
        return self.coef + self.intercept

    def features(self, x):
        found = [x]
        for c, i in zip(self.coef[:-1], self.intercept[:-1]):
            found.append(np.maximum(found[-1] @ c + i, 0.1 * (found[-1] @ c + i)))
        return found

    def probability(self, x):
        z = (self.features(x)[-1] @ self.coef[-1] + self.intercept[-1])[:, 0]
        return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))

    def forward(self, x):
        return self.probability(x).reshape(-1, 1)

    def loss(self, x, y):
        p = self.probability(x)
        p = np.clip(p, 1e-12, 1 - 1e-12)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        features = self.features(x)
        delta = (self.forward(x) - y) / len(x)
        dc, di = [], []
        for c, f in zip(self.coef[::-1], features[::-1]):
            dc.insert(0, f.T @ delta)
            di.insert(0, delta.sum(axis=0))
            delta = (delta @ c.T) * np.where(f > 0, 1, 0.1)
        return dc + di

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


build = BinaryClassifier
