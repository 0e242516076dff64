"""PyTorch, with the hidden values kept for pictures."""

import torch
import torch.nn.functional as F


class build:
    def __init__(self, sizes, seed):
        generator = torch.Generator().manual_seed(seed)
        self.weights, self.biases = [], []
        for m, n in zip(sizes[:-1], sizes[1:]):
            w = torch.empty((n, m), dtype=torch.float64).normal_(0, m**-0.5, generator=generator)
            self.weights.append(w.requires_grad_())
            self.biases.append(torch.zeros(n, dtype=torch.float64, requires_grad=True))
        self.single = sizes[-1] == 1

    def tensors(self):
        return [*self.weights, *self.biases]

    def parameters(self):
        return [t.detach().numpy() for t in self.tensors()]

    def logits(self, x):
        self.kept = []
        x = torch.as_tensor(x)
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            value = torch.sigmoid(F.linear(x, w, b))
            self.kept.append(value.detach())
            x = self.kept[-1]
        return F.linear(x, self.weights[-1], self.biases[-1])

    def objective(self, x, y):
        z, y = self.logits(x), torch.as_tensor(y)
        return F.binary_cross_entropy_with_logits(z, y) if self.single else F.cross_entropy(z, y)

    def forward(self, x):
        z = self.logits(x).detach()
        return (torch.sigmoid(z) if self.single else torch.softmax(z, 1)).numpy()

    def loss(self, x, y):
        return self.objective(x, y).item()

    def gradients(self, x, y):
        for t in self.tensors():
            t.grad = torch.zeros_like(t)
        self.objective(x, y).backward()
        return [t.grad.numpy().copy() for t in self.tensors()]

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.tensors(), self.gradients(x, y)):
            t.data -= learning_rate * torch.from_numpy(g)
