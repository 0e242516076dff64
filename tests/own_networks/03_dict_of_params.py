"""A student of a course on vision: parameters in a dict, He initialisation, L2 of half lambda in the loss."""

import numpy as np

CONVENTIONS = {
    "layout": "W1 (in, out), b1 (out,), W2, b2, ...",
    "hidden": "relu",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": "l2 0.5*1e-3 on weights",
    "update": "gradient descent",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}


class FullyConnectedNet:
    def __init__(self, layer_dims, seed, reg=1e-3):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.num_layers = len(layer_dims) - 1
        self.params = {}
        for i in range(1, len(layer_dims)):
            fan_in, fan_out = layer_dims[i - 1], layer_dims[i]
            self.params[f"W{i}"] = rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))
            self.params[f"b{i}"] = np.zeros(fan_out)

    def parameters(self):
        return list(self.params.values())

    def scores(self, X):
        caches = []
        out = X
        for i in range(1, self.num_layers + 1):
            inp = out
            out = inp @ self.params[f"W{i}"] + self.params[f"b{i}"]
            caches.append((inp, out))
            if i < self.num_layers:
                out = np.maximum(0, out)
        return out, caches

    def probabilities(self, scores):
        if scores.shape[1] == 1:
            return np.exp(-np.logaddexp(0, -scores))
        shifted = scores - scores.max(axis=1, keepdims=True)
        return np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)

    def forward(self, X):
        return self.probabilities(self.scores(X)[0])

    def loss(self, X, y):
        scores, _ = self.scores(X)
        if scores.shape[1] == 1:
            data_loss = np.mean(np.maximum(scores, 0) - scores * y + np.log1p(np.exp(-np.abs(scores))))
        else:
            shifted = scores - scores.max(axis=1, keepdims=True)
            log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
            data_loss = -np.sum(y * log_probs) / X.shape[0]
        reg_loss = sum(0.5 * self.reg * np.sum(self.params[f"W{i}"] ** 2) for i in range(1, self.num_layers + 1))
        return data_loss + reg_loss

    def gradients(self, X, y):
        scores, caches = self.scores(X)
        dout = (self.probabilities(scores) - y) / X.shape[0]
        grads = {}
        for i in range(self.num_layers, 0, -1):
            inp, out = caches[i - 1]
            if i < self.num_layers:
                dout = dout * (out > 0)
            grads[f"W{i}"] = inp.T @ dout + self.reg * self.params[f"W{i}"]
            grads[f"b{i}"] = dout.sum(axis=0)
            dout = dout @ self.params[f"W{i}"].T
        return [grads[name] for name in self.params]

    def train_step(self, X, y, learning_rate):
        for name, grad in zip(self.params, self.gradients(X, y)):
            self.params[name] -= learning_rate * grad


build = FullyConnectedNet
