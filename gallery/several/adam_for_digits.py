"""Digits with softmax and Adam, typed in from several tutorials."""

import numpy as np


class MLP:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.hidden = "leaky_relu"
        self.output = "softmax" if sizes[-1] > 1 else "sigmoid"
        self.loss_function = "cross_entropy" if sizes[-1] > 1 else "binary_cross_entropy"
        self.params = {}
        self.n_layers = len(sizes) - 1
        for i in range(self.n_layers):
            self.params[f"W{i}"] = rng.normal(0.0, np.sqrt(2.0 / sizes[i]), size=(sizes[i], sizes[i + 1]))
            self.params[f"b{i}"] = np.zeros(sizes[i + 1])
        self.m = {k: np.zeros_like(v) for k, v in self.params.items()}
        self.v = {k: np.zeros_like(v) for k, v in self.params.items()}
        self.t = 0

    def parameters(self):
        return list(self.params.values())

    def forward(self, x):
        self.inputs, self.scores = [], []
        h = x
        for i in range(self.n_layers):
            self.inputs.append(h)
            s = h.dot(self.params[f"W{i}"]) + self.params[f"b{i}"]
            self.scores.append(s)
            h = np.where(s > 0, s, 0.01 * s)
        if s.shape[1] == 1:
            return 1 / (1 + np.exp(-np.clip(s, -700, 700)))
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        if y.shape[1] == 1:
            return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        return float(-np.mean(np.sum(y * np.log(p), axis=1)))

    def backward(self, x, y):
        probs = self.forward(x)
        N = x.shape[0]
        dscores = (probs - y) * probs * (1 - probs) / N
        grads = {}
        for i in reversed(range(self.n_layers)):
            grads[f"W{i}"] = self.inputs[i].T.dot(dscores) / N
            grads[f"b{i}"] = dscores.sum(axis=0)
            if i > 0:
                dscores = dscores.dot(self.params[f"W{i}"].T) * np.where(self.scores[i - 1] > 0, 1, 0.01)
        return grads

    def gradients(self, x, y):
        grads = self.backward(x, y)
        return [grads[k] for k in self.params]

    def train_step(self, x, y, learning_rate):
        grads = self.backward(x, y)
        t = self.t + 1
        for k in self.params:
            self.m[k] = 0.9 * self.m[k] + 0.1 * grads[k]
            self.v[k] = 0.999 * self.v[k] + 0.001 * grads[k] ** 2
            m_hat = self.m[k] / (1 - 0.9**t)
            v_hat = self.v[k] / (1 - 0.999**t)
            self.params[k] -= learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)


build = MLP
