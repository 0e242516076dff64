"""A teacher who shows backpropagation with PyTorch but without autograd: torch as a NumPy, derivatives by hand."""

import torch

CONVENTIONS = {
    "layout": "W (out, in), b (out, 1) of each layer",
    "hidden": "gelu",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}

torch_gelu = torch.nn.functional.gelu
NORMAL = torch.distributions.Normal(torch.zeros((), dtype=torch.float64), torch.ones((), dtype=torch.float64))


def gelu_slope(z):
    return NORMAL.cdf(z) + z * NORMAL.log_prob(z).exp()


class build:
    def __init__(self, sizes, seed):
        gen = torch.Generator()
        gen.manual_seed(1000 + seed)
        self.tensors = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            W = torch.empty(n, m, dtype=torch.float64)
            torch.nn.init.kaiming_uniform_(W, a=1, generator=gen)
            self.tensors += [W, torch.zeros(n, 1, dtype=torch.float64)]

    def parameters(self):
        return [t.numpy() for t in self.tensors]

    def passes(self, x):
        a = torch.as_tensor(x, dtype=torch.float64).T
        history = []
        for W, b in zip(self.tensors[::2], self.tensors[1::2]):
            z = W @ a + b
            history.append((a, z))
            a = torch_gelu(z)
        return history, torch.sigmoid(z)

    def forward(self, x):
        return self.passes(x)[1].T.numpy()

    def loss(self, x, y):
        error = self.passes(x)[1].T - torch.as_tensor(y)
        return (error.square().sum(dim=1).mean() / 2).item()

    def gradients(self, x, y):
        history, p = self.passes(x)
        delta = (p - torch.as_tensor(y).T) * p * (1 - p) / len(x)
        grads = []
        for k in range(len(history) - 1, -1, -1):
            grads = [delta @ history[k][0].T, delta.sum(dim=1, keepdim=True), *grads]
            if k:
                delta = (self.tensors[2 * k].T @ delta) * gelu_slope(history[k - 1][1])
        return [g.numpy() for g in grads]

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.tensors, self.gradients(x, y)):
            t.sub_(torch.from_numpy(g), alpha=learning_rate)
