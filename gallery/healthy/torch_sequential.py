"""A PyTorch Sequential as tutorials have it, Adam, in float32."""

import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load
from torch import nn

SIZES = (64, 64, 10)
LEARNING_RATE = 0.003
BATCH_SIZE = 64
EPOCHS = 30


def build(sizes, seed):
    torch.manual_seed(seed)
    layers = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(m, n), nn.ReLU()]
    return PyTorchNetwork(nn.Sequential(*layers[:-1]), nn.CrossEntropyLoss(), torch.optim.Adam)


def data():
    d = load()
    return d.x_train, one_hot(d.labels_train), d.x_test, one_hot(d.labels_test)
