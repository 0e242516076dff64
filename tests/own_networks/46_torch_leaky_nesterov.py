"""A PyTorch user with own layers: nn.Parameter of shape (in, out), leaky ReLU, Nesterov SGD, penalty inside the loss."""

import math

import torch
from torch import nn

CONVENTIONS = {
    "layout": "bias (out,) then kernel (in, out) of each layer",
    "hidden": "leaky_relu 0.01",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "sum",
    "penalty": "l2 1e-3 on weights",
    "update": "nesterov 0.9",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}


class MyLinear(nn.Module):
    def __init__(self, inputs, outputs, generator):
        super().__init__()
        self.bias = nn.Parameter(torch.full((outputs,), 0.02, dtype=torch.float64))
        kernel = torch.randn(inputs, outputs, generator=generator, dtype=torch.float64)
        self.kernel = nn.Parameter(kernel * math.sqrt(2 / inputs))

    def forward(self, x):
        return x @ self.kernel + self.bias


class MyNet(nn.Module):
    def __init__(self, sizes, seed):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.several = sizes[-1] > 1
        self.linears = nn.ModuleList([MyLinear(m, n, generator) for m, n in zip(sizes[:-1], sizes[1:])])
        self.act = nn.LeakyReLU()

    def forward(self, x):
        for i, linear in enumerate(self.linears):
            x = linear(self.act(x) if i else x)
        return x

    def predict(self, x):
        z = self(x)
        return z.softmax(dim=1) if self.several else z.sigmoid()

    def objective(self, x, y):
        functional = nn.functional
        if self.several:
            data = functional.cross_entropy(self(x), y, reduction="sum")
        else:
            data = functional.binary_cross_entropy_with_logits(self(x), y, reduction="sum")
        return data + 1e-3 * sum(linear.kernel.square().sum() for linear in self.linears)


class build:
    def __init__(self, sizes, seed):
        self.net = MyNet(sizes, seed)
        self.output = "softmax" if sizes[-1] > 1 else "sigmoid"
        self.sgd = torch.optim.SGD(self.net.parameters(), lr=0.1, momentum=0.9, nesterov=True)

    def parameters(self):
        return [p.detach().numpy() for p in self.net.parameters()]

    def forward(self, x):
        with torch.inference_mode():
            return self.net.predict(torch.from_numpy(x)).numpy()

    def loss(self, x, y):
        with torch.inference_mode():
            return self.net.objective(torch.from_numpy(x), torch.from_numpy(y)).item()

    def gradients(self, x, y):
        self.sgd.zero_grad()
        self.net.objective(torch.from_numpy(x), torch.from_numpy(y)).backward()
        return [p.grad.numpy() for p in self.net.parameters()]

    def train_step(self, x, y, learning_rate):
        self.gradients(x, y)
        self.sgd.param_groups[0].update(lr=learning_rate)
        self.sgd.step()
