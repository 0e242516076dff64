"""A physicist: sine units, half the sum of squares, and a learning rate that decays inside the step."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (out,) of each layer",
    "hidden": "sin",
    "output": "identity",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "sum",
    "penalty": None,
    "update": "gradient descent, rate / (1 + 0.001 t)",
}
SEVERAL = {}


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.t = 0
        self.couplings = [rng.uniform(-1, 1, (m, n)) * np.sqrt(3 / m) for m, n in zip(sizes, sizes[1:])]
        self.phases = [rng.uniform(-np.pi / 2, np.pi / 2, n) for n in sizes[1:]]

    def parameters(self):
        return sum(([w, b] for w, b in zip(self.couplings, self.phases)), [])

    def fields(self, x):
        z = [x @ self.couplings[0] + self.phases[0]]
        for w, b in zip(self.couplings[1:], self.phases[1:]):
            z.append(np.sin(z[-1]) @ w + b)
        return z

    def forward(self, x):
        return self.fields(x)[-1]

    def loss(self, x, y):
        residual = self.forward(x) - y
        return 0.5 * np.einsum("ij,ij->", residual, residual)

    def gradients(self, x, y):
        z = self.fields(x)
        adjoint = z[-1] - y
        result = []
        for k in range(len(z) - 1, 0, -1):
            result = [np.einsum("ni,nj->ij", np.sin(z[k - 1]), adjoint), adjoint.sum(0), *result]
            adjoint = np.einsum("nj,ij->ni", adjoint, self.couplings[k]) * np.cos(z[k - 1])
        return [np.einsum("ni,nj->ij", x, adjoint), adjoint.sum(0), *result]

    def train_step(self, x, y, learning_rate):
        rate = learning_rate / (1 + 0.001 * self.t)
        self.t += 1
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= rate * g
