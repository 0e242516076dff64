"""MNIST in PyTorch: two hidden layers, OneCycleLR's shape worked out in the loop, Adam."""

import numpy as np
import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import load_dataset, one_hot
from torch import nn

SIZES = (784, 128, 64, 10)


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(m, n) for m, n in zip(sizes[:-1], sizes[1:])])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


def build(sizes, seed):
    torch.manual_seed(seed)
    return PyTorchNetwork(MLP(sizes), nn.CrossEntropyLoss(), lambda p: torch.optim.Adam(p, betas=(0.9, 0.98)))


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    steps = np.linspace(0, 1, 4 * 156)
    rates = np.interp(steps, [0, 0.3, 1], [2e-4, 4e-3, 1e-5])
    batches = (rows for _ in range(4) for rows in np.array_split(rng.permutation(len(x)), 156))
    for rows, rate in zip(batches, rates):
        network.train_step(x[rows], y[rows], rate)


def data():
    d = load_dataset(require_mnist=True)
    return d.x_train[:20000], one_hot(d.labels_train[:20000]), d.x_test, one_hot(d.labels_test)
