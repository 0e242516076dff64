"""A follower of the official MNIST example: log-softmax as the output, NLLLoss, SGD with momentum and weight decay."""

import torch
from torch import nn

CONVENTIONS = None  # one output is refused
SEVERAL = {
    "layout": "weight (out, in), bias (out,) of each layer",
    "hidden": "softplus",
    "output": "log_softmax",
    "loss": "cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "momentum 0.9, gradient + 1e-4 parameter",
}


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        *inner, classes = sizes
        if classes < 2:
            raise ValueError(f"expected at least two classes, got sizes {tuple(sizes)}")
        self.body = nn.Sequential()
        for m, n in zip(inner, inner[1:]):
            self.body.append(nn.Linear(m, n)).append(nn.Softplus())
        self.head = nn.Linear(inner[-1], classes)
        for name, p in self.named_parameters():
            if name.endswith("weight"):
                nn.init.xavier_normal_(p)
            else:
                nn.init.constant_(p, 0.01)

    def forward(self, x):
        return nn.functional.log_softmax(self.head(self.body(x)), dim=1)


class build:
    def __init__(self, sizes, seed):
        state = torch.get_rng_state()
        torch.manual_seed(seed)
        self.net = Net(sizes).double()
        torch.set_rng_state(state)
        self.sgd = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def parameters(self):
        return [p.detach().numpy() for p in self.net.parameters()]

    def forward(self, x):
        return self.net(torch.from_numpy(x).double()).detach().numpy()

    def nll(self, x, y):
        return nn.NLLLoss()(self.net(torch.from_numpy(x).double()), torch.from_numpy(y).argmax(1))

    def loss(self, x, y):
        return self.nll(x, y).item()

    def gradients(self, x, y):
        self.sgd.zero_grad(set_to_none=True)
        self.nll(x, y).backward()
        grads = [p.grad.numpy() for p in self.net.parameters()]
        self.sgd.zero_grad(set_to_none=True)
        return grads

    def train_step(self, x, y, learning_rate):
        self.sgd.param_groups[0]["lr"] = learning_rate
        self.sgd.zero_grad()
        self.nll(x, y).backward()
        self.sgd.step()
