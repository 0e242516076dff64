"""A PyTorch user in a hurry: nn.Sequential in float32, CrossEntropyLoss on class numbers, Adam; one output gets a twin."""

import torch
from torch import nn

CONVENTIONS = {
    "layout": "weight (out, in), bias (out,) of each layer, float32",
    "hidden": "relu",
    "output": "identity",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "adam 0.9 0.999 1e-8",
}
SEVERAL = {"loss": "cross_entropy"}


def build(sizes, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        blocks = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            blocks += [nn.Linear(m, n), nn.ReLU()]
        return Classifier(nn.Sequential(*blocks[:-1]))


class Classifier:
    def __init__(self, model):
        self.model = model.float()
        self.opt = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.cross_entropy = nn.CrossEntropyLoss()

    def parameters(self):
        return [p.data.numpy() for p in self.model.parameters()]

    def _loss(self, x, y):
        logits = self.model(torch.tensor(x, dtype=torch.float32))
        if logits.shape[1] == 1:
            # class 0 against class 1, with a logit of zero for class 0
            logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
            labels = torch.tensor(y[:, 0]).long()
        else:
            labels = torch.tensor(y).argmax(dim=1)
        return self.cross_entropy(logits, labels)

    @torch.no_grad()
    def forward(self, x):
        return self.model(torch.tensor(x, dtype=torch.float32)).numpy()

    @torch.no_grad()
    def loss(self, x, y):
        return float(self._loss(x, y))

    def gradients(self, x, y):
        self.model.zero_grad()
        self._loss(x, y).backward()
        return [p.grad.clone().numpy() for p in self.model.parameters()]

    def train_step(self, x, y, learning_rate):
        self.opt.param_groups[0]["lr"] = learning_rate
        self.opt.zero_grad()
        self._loss(x, y).backward()
        self.opt.step()
