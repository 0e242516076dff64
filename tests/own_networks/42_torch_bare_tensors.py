"""A PyTorch minimalist: bare tensors with requires_grad, matrices the NumPy way round, the update by hand."""

import numpy as np
import torch
import torch.nn.functional as F

CONVENTIONS = {
    "layout": "all W (in, out), then all b (out,)",
    "hidden": "silu",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


class build:
    def __init__(self, sizes, seed):
        g = torch.Generator().manual_seed(seed)
        shapes = list(zip(sizes[:-1], sizes[1:]))
        self.W = [torch.randn(m, n, generator=g, dtype=torch.double) * (2 / m) ** 0.5 for m, n in shapes]
        self.b = [torch.zeros(n, dtype=torch.double) for _, n in shapes]
        for t in self.W + self.b:
            t.requires_grad_()

    def model(self, x):
        h = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float64))
        for W, b in zip(self.W[:-1], self.b[:-1]):
            h = F.silu(torch.addmm(b, h, W))
        return torch.addmm(self.b[-1], h, self.W[-1]).sigmoid()

    def parameters(self):
        return [t.detach().numpy() for t in self.W + self.b]

    def forward(self, x):
        return self.model(x).detach().numpy()

    def loss(self, x, y):
        return F.mse_loss(self.model(x), torch.from_numpy(y)).item()

    def gradients(self, x, y):
        value = F.mse_loss(self.model(x), torch.from_numpy(y))
        return [g.numpy() for g in torch.autograd.grad(value, self.W + self.b)]

    def train_step(self, x, y, learning_rate):
        value = F.mse_loss(self.model(x), torch.from_numpy(y))
        grads = torch.autograd.grad(value, self.W + self.b)
        with torch.no_grad():
            for t, g in zip(self.W + self.b, grads):
                t -= learning_rate * g
