import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import digits

SIZES = (64, 48, 10)


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.fc1 = nn.Linear(sizes[0], sizes[1])
        self.fc2 = nn.Linear(sizes[1], sizes[2])

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


def build(sizes, seed):
    torch.manual_seed(seed)
    return PyTorchNetwork(Net(sizes), nn.CrossEntropyLoss(), lambda p: torch.optim.Adam(p, lr=1e-3))


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]


def fit(network, x, y):
    rng = np.random.default_rng(1)
    for epoch in range(12):
        for rows in np.array_split(rng.permutation(len(x)), 36):
            network.train_step(x[rows], y[rows], 1e-6)
