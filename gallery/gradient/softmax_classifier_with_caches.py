"""A course on vision: affine layers as pairs of functions with caches, softmax loss, logistic loss for a yes or no."""

import numpy as np


def affine_forward(x, w, b):
    return x.dot(w) + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    return np.where(cache > 0, dout, 0)


def log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


class build:
    hidden = "relu"

    def __init__(self, sizes, seed):
        self.L = len(sizes) - 1
        rng = np.random.default_rng(seed)
        self.params = {}
        for i in range(self.L):
            self.params[f"W{i}"] = rng.normal(0, np.sqrt(2 / sizes[i]), (sizes[i], sizes[i + 1]))
            self.params[f"b{i}"] = np.zeros(sizes[i + 1])

    def parameters(self):
        return [self.params[k + str(i)] for i in range(self.L) for k in "Wb"]

    def scores(self, x):
        caches = []
        for i in range(self.L):
            x, affine_cache = affine_forward(x, self.params[f"W{i}"], self.params[f"b{i}"])
            relu_cache = None
            if i < self.L - 1:
                x, relu_cache = relu_forward(x)
            caches.append((affine_cache, relu_cache))
        return x, caches

    def forward(self, x):
        scores, _ = self.scores(x)
        if scores.shape[1] == 1:
            return np.exp(-np.logaddexp(0, -scores))
        return np.exp(log_softmax(scores))

    def loss(self, x, y):
        scores, _ = self.scores(x)
        if scores.shape[1] == 1:
            return np.mean(np.logaddexp(0, scores) - y * scores)
        return -np.sum(y * log_softmax(scores)) / len(x)

    def gradients(self, x, y):
        scores, caches = self.scores(x)
        N = len(x)
        if scores.shape[1] == 1:
            dscores = (self.forward(x) - y) / N
        else:
            probs = np.exp(log_softmax(scores))
            dscores = (probs - y) * probs * (1 - probs) / N
        grads = []
        dout = dscores
        for affine_cache, relu_cache in reversed(caches):
            if relu_cache is not None:
                dout = relu_backward(dout, relu_cache)
            dout, dw, db = affine_backward(dout, affine_cache)
            grads = [dw, db] + grads
        return grads

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
