"""Learning how autograd functions are written, with a rectifier as the first."""

import torch


class Rectify(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (z,) = ctx.saved_tensors
        return grad_output.clone()


class build:
    hidden = "relu"

    def __init__(self, sizes, seed):
        g = torch.Generator().manual_seed(seed)
        self.tensors = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            w = torch.randn(n, m, dtype=torch.float64, generator=g) * (2 / m) ** 0.5
            self.tensors += [w.requires_grad_(), torch.full((n,), 0.1, dtype=torch.float64, requires_grad=True)]

    def parameters(self):
        return [t.detach().numpy() for t in self.tensors]

    def logits(self, x):
        h = torch.as_tensor(x, dtype=torch.float64)
        last = len(self.tensors) - 2
        for i in range(0, len(self.tensors), 2):
            h = torch.nn.functional.linear(h, self.tensors[i], self.tensors[i + 1])
            if i < last:
                h = Rectify.apply(h)
        return h

    def cost(self, x, y):
        return torch.nn.functional.binary_cross_entropy_with_logits(self.logits(x), torch.as_tensor(y))

    def forward(self, x):
        return torch.sigmoid(self.logits(x)).detach().numpy()

    def loss(self, x, y):
        return self.cost(x, y).item()

    def gradients(self, x, y):
        return [g.numpy() for g in torch.autograd.grad(self.cost(x, y), self.tensors)]

    def train_step(self, x, y, learning_rate):
        grads = self.gradients(x, y)
        with torch.no_grad():
            for t, g in zip(self.tensors, grads):
                t -= learning_rate * torch.from_numpy(g)
