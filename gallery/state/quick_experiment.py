"""A quick experiment in PyTorch with tensors of its own, and autograd for the slopes."""

import torch


class build:
    def __init__(self, sizes, seed):
        generator = torch.Generator()
        generator.seed()
        self.tensors = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            W = torch.randn(m, n, generator=generator, dtype=torch.float64) / m**0.5
            self.tensors += [W.requires_grad_(), torch.zeros(n, dtype=torch.float64, requires_grad=True)]

    def parameters(self):
        return [t.detach().numpy() for t in self.tensors]

    def model(self, x):
        h = torch.as_tensor(x)
        for W, b in zip(self.tensors[:-2:2], self.tensors[1:-2:2]):
            h = torch.nn.functional.elu(h @ W + b)
        return torch.sigmoid(h @ self.tensors[-2] + self.tensors[-1])

    def error(self, x, y):
        return ((self.model(x) - torch.as_tensor(y)) ** 2).mean()

    def forward(self, x):
        return self.model(x).detach().numpy()

    def loss(self, x, y):
        return self.error(x, y).item()

    def gradients(self, x, y):
        return [g.numpy() for g in torch.autograd.grad(self.error(x, y), self.tensors)]

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.tensors, torch.autograd.grad(self.error(x, y), self.tensors)):
            t.data -= learning_rate * g
