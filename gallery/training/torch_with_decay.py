import numpy as np
import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import digits
from torch import nn

SIZES = (64, 32, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 32
EPOCHS = 8


def optimiser(parameters):
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.5)


def build(sizes, seed):
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(sizes[0], sizes[1]), nn.Tanh(), nn.Linear(sizes[1], sizes[2]))
    return PyTorchNetwork(module, nn.CrossEntropyLoss(), optimiser)


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
