"""A first model in PyTorch, with the optimiser and the criterion that everybody uses."""

import torch
from torch import nn


class build:
    def __init__(self, sizes, seed):
        torch_state = torch.random.get_rng_state()
        torch.manual_seed(0)
        modules = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            modules += [nn.Linear(n_in, n_out), nn.Tanh()]
        modules[-1] = nn.Sigmoid() if sizes[-1] == 1 else nn.Softmax(dim=1)
        self.model = nn.Sequential(*modules).double()
        torch.random.set_rng_state(torch_state)
        self.criterion = nn.BCELoss() if sizes[-1] == 1 else nn.CrossEntropyLoss()
        weights = [p for p in self.model.parameters() if p.ndim == 2]
        self.optimizer = torch.optim.SGD(weights, lr=0.1)
        self.hidden = "tanh"
        self.output = "sigmoid" if sizes[-1] == 1 else "softmax"
        self.loss_function = "binary_cross_entropy" if sizes[-1] == 1 else "cross_entropy"

    def parameters(self):
        return [p.detach().numpy() for p in self.model.parameters()]

    def forward(self, x):
        return self.model(torch.as_tensor(x)).detach().numpy()

    def objective(self, x, y):
        outputs = self.model(torch.as_tensor(x))
        return self.criterion(outputs, torch.as_tensor(y))

    def loss(self, x, y):
        return self.objective(x, y).item()

    def gradients(self, x, y):
        self.model.zero_grad()
        self.objective(x, y).backward()
        return [p.grad.numpy().copy() for p in self.model.parameters()]

    def train_step(self, x, y, learning_rate):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.objective(x, y).backward()
        self.optimizer.step()
