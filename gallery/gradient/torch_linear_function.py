"""The linear function written out, after the tutorial on extending autograd."""

import torch


class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, weight, bias):
        ctx.save_for_backward(input, weight)
        return input.mm(weight.t()) + bias

    @staticmethod
    def backward(ctx, grad_output):
        input, weight = ctx.saved_tensors
        return grad_output.mm(weight), grad_output.t().mm(input), grad_output.mean(0)


class build:
    def __init__(self, sizes, seed):
        torch_rng = torch.Generator()
        torch_rng.manual_seed(seed)
        make = lambda *shape: torch.randn(*shape, generator=torch_rng, dtype=torch.float64)
        self.layers = [
            ((make(n, m) / m**0.5).requires_grad_(), (0.1 * make(n)).requires_grad_())
            for m, n in zip(sizes[:-1], sizes[1:])
        ]

    @property
    def leaves(self):
        return [t for layer in self.layers for t in layer]

    def parameters(self):
        return [t.detach().numpy() for t in self.leaves]

    def run(self, x):
        h = torch.from_numpy(x)
        for i, (w, b) in enumerate(self.layers):
            h = LinearFunction.apply(h if i == 0 else torch.tanh(h), w, b)
        return torch.sigmoid(h)

    def forward(self, x):
        return self.run(x).detach().numpy()

    def loss(self, x, y):
        return (self.run(x) - torch.from_numpy(y)).pow(2).mean().item()

    def gradients(self, x, y):
        value = (self.run(x) - torch.from_numpy(y)).pow(2).mean()
        return [g.numpy() for g in torch.autograd.grad(value, self.leaves)]

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.leaves, self.gradients(x, y)):
            t.data -= learning_rate * torch.from_numpy(g)
