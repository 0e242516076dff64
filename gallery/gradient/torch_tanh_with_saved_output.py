"""A tanh of one's own in PyTorch, as an exercise; its output is saved to spare memory."""

import torch
from torch import nn


class MyTanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        t = z.tanh()
        ctx.save_for_backward(t)
        return t

    @staticmethod
    def backward(ctx, grad):
        (t,) = ctx.saved_tensors
        return grad * (1 - torch.tanh(t) ** 2)


class Model(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(m, n) for m, n in zip(sizes[:-1], sizes[1:]))

    def forward(self, x):
        for linear in self.linears[:-1]:
            x = MyTanh.apply(linear(x))
        return self.linears[-1](x)


class build:
    def __init__(self, sizes, seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model = Model(sizes).double()
        self.binary = sizes[-1] == 1

    def parameters(self):
        return [p.detach().numpy() for p in self.model.parameters()]

    def objective(self, x, y):
        logits = self.model(torch.from_numpy(x))
        if self.binary:
            return nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(y))
        return nn.functional.cross_entropy(logits, torch.from_numpy(y).argmax(dim=1))

    @torch.no_grad()
    def forward(self, x):
        logits = self.model(torch.from_numpy(x))
        return (logits.sigmoid() if self.binary else logits.softmax(dim=1)).numpy()

    @torch.no_grad()
    def loss(self, x, y):
        return self.objective(x, y).item()

    def gradients(self, x, y):
        self.model.zero_grad()
        self.objective(x, y).backward()
        return [p.grad.numpy().copy() for p in self.model.parameters()]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.model.parameters(), self.gradients(x, y)):
            p.data.sub_(torch.from_numpy(g), alpha=learning_rate)
