"""PyTorch with a loop of one's own: a loader that shuffles, SGD with Nesterov, dropout that is on in the step only."""

import torch
from nnkit.adapters.pytorch import PyTorchNetwork
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SIZES = (64, 100, 10)


def step(module, loss, optimiser, x, y):
    module.train()
    optimiser.zero_grad(set_to_none=True)
    loss(module(x), y).backward()
    optimiser.step()
    module.eval()


def build(sizes, seed):
    torch.manual_seed(seed)
    m, h, n = sizes
    module = nn.Sequential(nn.Linear(m, h), nn.LeakyReLU(0.05), nn.Dropout(0.2), nn.Linear(h, n)).eval()
    return PyTorchNetwork(
        module,
        nn.CrossEntropyLoss(),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4),
        step=step,
    )


def fit(network, x, y):
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(
        TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), batch_size=48, shuffle=True, generator=generator
    )
    for epoch in range(25):
        for xb, yb in loader:
            network.train_step(xb.numpy(), yb.numpy(), 0.05 if epoch < 18 else 0.005)


def data():
    d = load()
    return d.x_train, one_hot(d.labels_train, dtype="float32"), d.x_test, one_hot(d.labels_test)
