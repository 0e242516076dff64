"""PyTorch by someone who keeps the weights as plain tensors, and hands a list of them to the optimiser."""

import numpy as np
import torch
import torch.nn.functional as F


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.weights, self.biases = [], []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.weights.append(torch.tensor(rng.normal(0, 1 / np.sqrt(m), (n, m)), requires_grad=True))
            self.biases.append(torch.zeros(n, dtype=torch.float64, requires_grad=True))
        trainable = [torch.nn.Parameter(t.detach().clone()) for t in self.weights + self.biases]
        self.optimizer = torch.optim.SGD(trainable, lr=0.1)

    def parameters(self):
        return [t.detach().numpy() for t in self.weights + self.biases]

    def model(self, x):
        h = torch.as_tensor(x)
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            h = torch.sigmoid(F.linear(h, W, b))
        return torch.sigmoid(F.linear(h, self.weights[-1], self.biases[-1]))

    def forward(self, x):
        return self.model(x).detach().numpy()

    def loss(self, x, y):
        return F.mse_loss(self.model(x), torch.as_tensor(y)).item()

    def gradients(self, x, y):
        error = F.mse_loss(self.model(x), torch.as_tensor(y))
        return [g.numpy() for g in torch.autograd.grad(error, self.weights + self.biases)]

    def train_step(self, x, y, learning_rate):
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        for t in self.weights + self.biases:
            t.grad = None
        F.mse_loss(self.model(x), torch.as_tensor(y)).backward()
        self.optimizer.step()
