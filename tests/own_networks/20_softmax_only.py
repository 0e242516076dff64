"""A tutorial reader who knows classifiers only as softmax: two classes need two outputs, and one output is refused."""

import numpy as np

CONVENTIONS = None  # one output is refused
SEVERAL = {
    "layout": "W (in, out), b (1, out) of each layer",
    "hidden": "tanh",
    "output": "softmax",
    "loss": "cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": "l2 0.5*0.01 on weights",
    "update": "gradient descent",
}

reg_lambda = 0.01


class build:
    def __init__(self, sizes, seed):
        if sizes[-1] < 2:
            raise ValueError("softmax over a single output is always 1: use two outputs for two classes")
        np_random = np.random.RandomState(seed)
        self.model = {}
        for i, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:]), 1):
            self.model[f"W{i}"] = np_random.randn(n_in, n_out) / np.sqrt(n_in)
            self.model[f"b{i}"] = np.zeros((1, n_out))
        self.n = len(sizes) - 1

    def parameters(self):
        return [self.model[f"{letter}{i}"] for i in range(1, self.n + 1) for letter in "Wb"]

    def _scores(self, X):
        a = [X]
        for i in range(1, self.n):
            a.append(np.tanh(a[-1].dot(self.model[f"W{i}"]) + self.model[f"b{i}"]))
        return a, a[-1].dot(self.model[f"W{self.n}"]) + self.model[f"b{self.n}"]

    def forward(self, X):
        scores = self._scores(X)[1]
        exp_scores = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        return exp_scores / np.sum(exp_scores, axis=1, keepdims=True)

    def loss(self, X, y):
        scores = self._scores(X)[1]
        scores = scores - np.max(scores, axis=1, keepdims=True)
        correct = np.sum(scores * y, axis=1)
        data_loss = np.sum(np.log(np.sum(np.exp(scores), axis=1)) - correct) / len(X)
        return data_loss + reg_lambda / 2 * sum(np.sum(np.square(self.model[f"W{i}"])) for i in range(1, self.n + 1))

    def gradients(self, X, y):
        a, _ = self._scores(X)
        delta = (self.forward(X) - y) / len(X)
        grads = []
        for i in range(self.n, 0, -1):
            W = self.model[f"W{i}"]
            dW = a[i - 1].T.dot(delta) + reg_lambda * W
            db = np.sum(delta, axis=0, keepdims=True)
            grads = [dW, db] + grads
            delta = delta.dot(W.T) * (1 - np.power(a[i - 1], 2))
        return grads

    def train_step(self, X, y, learning_rate):
        epsilon = learning_rate
        for p, g in zip(self.parameters(), self.gradients(X, y)):
            p += -epsilon * g
