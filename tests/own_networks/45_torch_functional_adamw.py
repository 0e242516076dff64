"""A reader of the torch.func pages: a stateless call, grad of a function of a dict, and AdamW; ELU, summed squares."""

import torch
from torch import nn
from torch.func import functional_call, grad

CONVENTIONS = {
    "layout": "weight (out, in), bias (out,) of each layer",
    "hidden": "elu",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "sum",
    "penalty": None,
    "update": "adamw 0.9 0.999 1e-8, decay 0.01 on weights and biases",
}
SEVERAL = {}


class build:
    def __init__(self, sizes, seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            modules = [module for m, n in zip(sizes[:-1], sizes[1:]) for module in (nn.Linear(m, n).double(), nn.ELU())]
            modules[-1] = nn.Sigmoid()
            self.module = nn.Sequential(*modules)
        self.weights = dict(self.module.named_parameters())
        self.optimizer = torch.optim.AdamW(self.weights.values(), lr=1e-3)

    def objective(self, weights, x, y):
        return (functional_call(self.module, weights, (x,)) - y).pow(2).sum()

    def parameters(self):
        return [w.detach().numpy() for w in self.weights.values()]

    @torch.no_grad()
    def forward(self, x):
        return self.module(torch.tensor(x)).numpy()

    @torch.no_grad()
    def loss(self, x, y):
        return self.objective(self.weights, torch.tensor(x), torch.tensor(y)).item()

    def gradients(self, x, y):
        found = grad(self.objective)(self.weights, torch.tensor(x), torch.tensor(y))
        return [g.detach().numpy() for g in found.values()]

    def train_step(self, x, y, learning_rate):
        for w, g in zip(self.weights.values(), self.gradients(x, y)):
            w.grad = torch.from_numpy(g)
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.step()
        self.optimizer.zero_grad()
