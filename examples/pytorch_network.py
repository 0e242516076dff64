"""A PyTorch network: what `nnkit run examples/pytorch_network.py` climbs with (pip install "nnkit[torch]").

To try your own: put your module, your loss function and your optimiser in the three places marked below. Nothing has to
be declared, and the module may return logits or probabilities, whichever your loss function wants.
"""

import torch
from torch import nn

from nnkit.adapters.pytorch import PyTorchNetwork


def build(sizes, seed, dtype="float64"):
    # sizes is (2, 1), (2, 3, 1), (784, 30, 10), ...: nnkit asks for small networks first. The same seed must give the
    # same weights. Gradients are checked in float64, where rounding hides little; the last stage asks for float32.
    torch.manual_seed(seed)

    # 1. your module
    layers = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(m, n), nn.Tanh()]
    module = nn.Sequential(*layers[:-1])  # no tanh after the last layer: both losses below want logits

    # 2. your loss function; targets are 0 and 1, (n, outputs). CrossEntropyLoss is given numbers of classes, (n,)
    loss = nn.BCEWithLogitsLoss() if sizes[-1] == 1 else nn.CrossEntropyLoss()

    # 3. your optimiser: a class, or a function of the parameters. nnkit sets the learning rate
    def optimiser(parameters):
        return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)

    return PyTorchNetwork(module, loss, optimiser, dtype=dtype)
