import numpy as np
import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import load_dataset
from torch import nn

SIZES = (784, 40, 10)
LEARNING_RATE = 0.1
BATCH_SIZE = 50
EPOCHS = 4


def build(sizes, seed):
    torch.manual_seed(seed)
    module = nn.Sequential(
        nn.Linear(sizes[0], sizes[1]),
        nn.ReLU(),
        nn.Linear(sizes[1], sizes[2]),
        nn.Softmax(dim=1),
    )
    return PyTorchNetwork(module, nn.CrossEntropyLoss(), lambda p: torch.optim.SGD(p, lr=0.1))


def data():
    m = load_dataset()
    hot = np.eye(10)
    return m.x_train[:5000], hot[m.labels_train[:5000]], m.x_test[:1000], hot[m.labels_test[:1000]]
