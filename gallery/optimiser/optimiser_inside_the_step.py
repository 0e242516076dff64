"""PyTorch by someone who likes to have everything about one step in one place."""

import torch
from torch import nn


class build:
    def __init__(self, sizes, seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            layers = []
            for m, n in zip(sizes[:-1], sizes[1:]):
                layers += [nn.Linear(m, n, dtype=torch.double), nn.Tanh()]
        self.net = nn.Sequential(*layers[:-1])
        self.adam = torch.optim.Adam(self.net.parameters(), betas=(0.9, 0.999))
        self.criterion = nn.BCEWithLogitsLoss() if sizes[-1] == 1 else nn.CrossEntropyLoss()

    def parameters(self):
        return [p.detach().numpy() for p in self.net.parameters()]

    def forward(self, x):
        with torch.no_grad():
            return self.net(torch.as_tensor(x)).numpy()

    def loss(self, x, y):
        with torch.no_grad():
            return self.criterion(self.net(torch.as_tensor(x)), torch.as_tensor(y)).item()

    def gradients(self, x, y):
        self.net.zero_grad()
        self.criterion(self.net(torch.as_tensor(x)), torch.as_tensor(y)).backward()
        return [p.grad.numpy().copy() for p in self.net.parameters()]

    def train_step(self, x, y, learning_rate):
        self.gradients(x, y)
        self.adam = torch.optim.Adam(self.net.parameters(), betas=(0.9, 0.999))
        self.adam.param_groups[0]["lr"] = learning_rate
        self.adam.step()
