import numpy as np
import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import digits
from torch import nn

SIZES = (64, 40, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 32
EPOCHS = 10


def start(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=4.0)
        nn.init.zeros_(module.bias)


def build(sizes, seed):
    torch.manual_seed(seed)
    layers = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(m, n), nn.Sigmoid()]
    module = nn.Sequential(*layers[:-1])
    module.apply(start)
    return PyTorchNetwork(module, nn.CrossEntropyLoss(), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9))


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
