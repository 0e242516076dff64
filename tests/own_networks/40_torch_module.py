"""A PyTorch user as the tutorials teach it: nn.Module, float64, BCEWithLogitsLoss, an SGD optimiser."""

import torch
from torch import nn

CONVENTIONS = {
    "layout": "weight (out, in), bias (out,) of each layer",
    "hidden": "tanh",
    "output": "identity",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(m, n, dtype=torch.float64) for m, n in zip(sizes[:-1], sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x))
        return self.layers[-1](x)


class build:
    def __init__(self, sizes, seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.net = Net(sizes)
        self.criterion = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)

    def parameters(self):
        return [p.detach().numpy() for p in self.net.parameters()]

    def forward(self, x):
        with torch.no_grad():
            return self.net(torch.as_tensor(x)).numpy()

    def loss(self, x, y):
        with torch.no_grad():
            return self.criterion(self.net(torch.as_tensor(x)), torch.as_tensor(y)).item()

    def gradients(self, x, y):
        self.optimizer.zero_grad()
        self.criterion(self.net(torch.as_tensor(x)), torch.as_tensor(y)).backward()
        return [p.grad.numpy().copy() for p in self.net.parameters()]

    def train_step(self, x, y, learning_rate):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.gradients(x, y)
        self.optimizer.step()
