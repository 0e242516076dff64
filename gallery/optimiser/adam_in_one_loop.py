"""Everything about Adam in one loop over the parameters, with names as keys."""

import numpy as np


class build:
    hidden = "relu"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = {}
        for i in range(len(sizes) - 1):
            self.params["W", i] = rng.normal(0, np.sqrt(2 / sizes[i]), (sizes[i + 1], sizes[i]))
            self.params["b", i] = np.full(sizes[i + 1], 0.01)
        self.depth = len(sizes) - 1
        self.state = {"t": 0}

    def parameters(self):
        return list(self.params.values())

    def run(self, x):
        zs, hs = [], [x]
        for i in range(self.depth):
            zs.append(hs[-1] @ self.params["W", i].T + self.params["b", i])
            hs.append(np.maximum(zs[-1], 0))
        hs[-1] = np.exp(-np.logaddexp(0, -zs[-1]))
        return zs, hs

    def forward(self, x):
        return self.run(x)[1][-1]

    def loss(self, x, y):
        return float(np.mean(np.sum((self.forward(x) - y) ** 2, axis=1)))

    def backward(self, x, y):
        zs, hs = self.run(x)
        delta = 2 * (hs[-1] - y) / len(x) * hs[-1] * (1 - hs[-1])
        grads = {}
        for i in reversed(range(self.depth)):
            grads["W", i], grads["b", i] = delta.T @ hs[i], delta.sum(axis=0)
            if i > 0:
                delta = delta @ self.params["W", i] * (zs[i - 1] > 0)
        return grads

    def gradients(self, x, y):
        grads = self.backward(x, y)
        return [grads[name] for name in self.params]

    def train_step(self, x, y, learning_rate):
        grads = self.backward(x, y)
        for name in self.params:
            self.state["t"] += 1
            t = self.state["t"]
            m, v = self.state.get(name, (0.0, 0.0))
            m = 0.9 * m + 0.1 * grads[name]
            v = 0.999 * v + 0.001 * grads[name] ** 2
            self.state[name] = (m, v)
            self.params[name] -= learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
