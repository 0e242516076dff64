"""Someone coming from transformers: GELU by its tanh formula, AdamW with decay on the matrices only."""

import math

import numpy as np

CONVENTIONS = {
    "layout": "weight (out, in), bias (out,) of each layer",
    "hidden": "gelu (tanh formula)",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "adamw 0.9 0.95 1e-8, decay 0.01 on weights",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}

C = math.sqrt(2 / math.pi)


def gelu(z):
    return 0.5 * z * (1 + np.tanh(C * (z + 0.044715 * z**3)))


def d_gelu(z):
    t = np.tanh(C * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * C * (1 + 3 * 0.044715 * z**2)


class AdamW:
    def __init__(self, params, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.01):
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.state = [(np.zeros_like(p), np.zeros_like(p)) for p in params]
        self.steps = 0

    def step(self, params, grads, lr):
        self.steps += 1
        b1, b2 = self.betas
        for p, g, (m, v) in zip(params, grads, self.state):
            if p.ndim >= 2:
                p *= 1 - lr * self.weight_decay
            m[...] = b1 * m + (1 - b1) * g
            v[...] = b2 * v + (1 - b2) * g * g
            p -= lr * (m / (1 - b1**self.steps)) / (np.sqrt(v / (1 - b2**self.steps)) + self.eps)


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.state_dict = {}
        for i, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:])):
            self.state_dict[f"layers.{i}.weight"] = rng.normal(0, 0.3, (n_out, n_in)) / max(1, n_in / 16) ** 0.5
            self.state_dict[f"layers.{i}.bias"] = np.zeros(n_out)
        self.n_layers = len(sizes) - 1
        self.optim = AdamW(self.parameters())

    def parameters(self):
        return list(self.state_dict.values())

    def _run(self, x):
        zs, hs = [], [x]
        for i in range(self.n_layers):
            zs.append(hs[-1] @ self.state_dict[f"layers.{i}.weight"].T + self.state_dict[f"layers.{i}.bias"])
            hs.append(gelu(zs[-1]))
        return zs, hs

    def log_probs(self, z):
        """Of the class 1 for one output, of every class for several."""
        if z.shape[-1] == 1:
            return -np.logaddexp(0, -z)
        return z - np.logaddexp.reduce(z, axis=-1, keepdims=True)

    def forward(self, x):
        return np.exp(self.log_probs(self._run(x)[0][-1]))

    def loss(self, x, y):
        z = self._run(x)[0][-1]
        if z.shape[-1] == 1:
            return -np.mean(y * self.log_probs(z) + (1 - y) * self.log_probs(-z))
        return -(y * self.log_probs(z)).sum(-1).mean()

    def gradients(self, x, y):
        zs, hs = self._run(x)
        d = (np.exp(self.log_probs(zs[-1])) - y) / len(x)
        grads = {}
        for i in reversed(range(self.n_layers)):
            grads[f"layers.{i}.weight"] = d.T @ hs[i]
            grads[f"layers.{i}.bias"] = d.sum(0)
            if i:
                d = d @ self.state_dict[f"layers.{i}.weight"] * d_gelu(zs[i - 1])
        return [grads[k] for k in self.state_dict]

    def train_step(self, x, y, learning_rate):
        self.optim.step(self.parameters(), self.gradients(x, y), learning_rate)
