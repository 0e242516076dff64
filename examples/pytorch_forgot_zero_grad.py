"""A PyTorch network with a bug: its training loop never calls optimiser.zero_grad().

backward() adds to the gradients that are there already. So each step goes along the sum of all gradients since the
start, like momentum that never fades: the loss falls at first, and then swings up and down. The gradients of any single
backward() are right, so a gradient check alone does not see it: the update is wrong.
"""

import torch
from torch import nn

from nnkit.adapters.pytorch import PyTorchNetwork


def step(module, loss, optimiser, x, y):
    """The body of the training loop. To try your own, write it here, as it stands in your program."""
    loss(module(x), y).backward()
    optimiser.step()
    # The fix: optimiser.zero_grad() before backward().


def build(sizes, seed, dtype="float64"):
    torch.manual_seed(seed)
    layers = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(m, n), nn.Tanh()]
    loss = nn.BCEWithLogitsLoss() if sizes[-1] == 1 else nn.CrossEntropyLoss()
    return PyTorchNetwork(nn.Sequential(*layers[:-1]), loss, torch.optim.SGD, step=step, dtype=dtype)
