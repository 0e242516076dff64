"""PyTorch regression with two outputs: polar coordinates to Cartesian ones, smooth L1, RMSprop."""

import numpy as np
import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from torch import nn

SIZES = (2, 64, 2)
BATCH_SIZE = 50
EPOCHS = 150


def LEARNING_RATE(epoch):
    return 0.01 * 0.97**epoch


def build(sizes, seed):
    torch.manual_seed(seed)
    m, h, n = sizes
    module = nn.Sequential(nn.Linear(m, h), nn.Tanh(), nn.Linear(h, n))
    nn.init.xavier_uniform_(module[0].weight, gain=nn.init.calculate_gain("tanh"))
    return PyTorchNetwork(module, nn.SmoothL1Loss(beta=0.1), torch.optim.RMSprop, dtype="float64")


def data():
    rng = np.random.default_rng(90)
    radius, angle = rng.uniform(0.5, 1.5, 1200), rng.uniform(-np.pi, np.pi, 1200)
    x = np.c_[radius - 1, angle / 2]
    y = np.c_[radius * np.cos(angle), radius * np.sin(angle)]
    return x[:800], y[:800], x[800:], y[800:]
