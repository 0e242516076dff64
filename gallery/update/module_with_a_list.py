"""A PyTorch module whose number of layers is free: the hidden ones are in a list, the head stands apart."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.body = [nn.Linear(m, n, dtype=torch.float64) for m, n in zip(sizes[:-2], sizes[1:-1])]
        self.head = nn.Linear(sizes[-2], sizes[-1], dtype=torch.float64)

    def forward(self, x):
        for layer in self.body:
            x = torch.tanh(layer(x))
        return self.head(x)


class build:
    def __init__(self, sizes, seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = Classifier(sizes)
        self.criterion = nn.BCEWithLogitsLoss() if sizes[-1] == 1 else nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.5)
        self.tensors = [t for layer in [*self.model.body, self.model.head] for t in (layer.weight, layer.bias)]

    def parameters(self):
        return [t.detach().numpy() for t in self.tensors]

    def forward(self, x):
        with torch.no_grad():
            return self.model(torch.as_tensor(x)).numpy()

    def objective(self, x, y):
        return self.criterion(self.model(torch.as_tensor(x)), torch.as_tensor(y))

    def loss(self, x, y):
        with torch.no_grad():
            return self.objective(x, y).item()

    def gradients(self, x, y):
        return [g.numpy() for g in torch.autograd.grad(self.objective(x, y), self.tensors)]

    def train_step(self, x, y, learning_rate):
        self.opt.param_groups[0]["lr"] = learning_rate
        self.opt.zero_grad()
        self.objective(x, y).backward()
        self.opt.step()
