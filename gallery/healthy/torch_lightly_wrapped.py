"""PyTorch without an adapter: tensors of one's own, autograd, an update inside no_grad; binary, one logit."""

import numpy as np
import torch
from nnkit.datasets.digits import load

SIZES = (64, 20, 1)
LEARNING_RATE = 0.5
BATCH_SIZE = 32
EPOCHS = 25


class Wrapped:
    def __init__(self, sizes, seed):
        g = torch.Generator().manual_seed(seed)
        self.tensors = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            w = torch.randn(m, n, generator=g, dtype=torch.float64) / m**0.5
            self.tensors += [w.requires_grad_(), torch.zeros(n, dtype=torch.float64, requires_grad=True)]

    def parameters(self):
        return [t.detach().numpy() for t in self.tensors]

    def _logits(self, x):
        h = torch.as_tensor(np.asarray(x), dtype=torch.float64)
        for i in range(0, len(self.tensors) - 2, 2):
            h = torch.tanh(h @ self.tensors[i] + self.tensors[i + 1])
        return h @ self.tensors[-2] + self.tensors[-1]

    def _loss(self, x, y):
        y = torch.as_tensor(np.asarray(y), dtype=torch.float64)
        return torch.nn.functional.binary_cross_entropy_with_logits(self._logits(x), y)

    def forward(self, x):
        with torch.no_grad():
            return torch.sigmoid(self._logits(x)).numpy()

    def loss(self, x, y):
        with torch.no_grad():
            return self._loss(x, y).item()

    def gradients(self, x, y):
        return [g.numpy() for g in torch.autograd.grad(self._loss(x, y), self.tensors)]

    def train_step(self, x, y, learning_rate):
        slopes = torch.autograd.grad(self._loss(x, y), self.tensors)
        with torch.no_grad():
            for t, g in zip(self.tensors, slopes):
                t -= learning_rate * g


def build(sizes, seed):
    return Wrapped(sizes, seed)


def data():
    """Is it an even digit?"""
    d = load()
    even = lambda labels: (labels % 2 == 0).astype(float)[:, None]
    return d.x_train.astype(float), even(d.labels_train), d.x_test.astype(float), even(d.labels_test)
