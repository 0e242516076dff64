"""A PyTorch module of three SiLU layers with layer normalisation, AdamW, gradients clipped in the step."""

import numpy as np
import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load
from torch import nn

SIZES = (64, 48, 48, 48, 10)
BATCH_SIZE = 64
EPOCHS = 20


def LEARNING_RATE(epoch):
    return 0.004 * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2


class Normed(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.hidden = nn.ModuleList(nn.Linear(m, n) for m, n in zip(sizes[:-2], sizes[1:-1]))
        self.norms = nn.ModuleList(nn.LayerNorm(n) for n in sizes[1:-1])
        self.head = nn.Linear(sizes[-2], sizes[-1])

    def forward(self, x):
        for linear, norm in zip(self.hidden, self.norms):
            x = nn.functional.silu(norm(linear(x)))
        return self.head(x)


def step(module, loss, optimiser, x, y):
    optimiser.zero_grad()
    loss(module(x), y).backward()
    nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    optimiser.step()


def build(sizes, seed):
    torch.manual_seed(seed)
    return PyTorchNetwork(
        Normed(sizes),
        nn.CrossEntropyLoss(),
        lambda p: torch.optim.AdamW(p, weight_decay=0.01),
        step=step,
        dtype="float64",
    )


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
