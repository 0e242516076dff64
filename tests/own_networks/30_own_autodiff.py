"""A weekend project: a small tensor class with its own tape, and a network written on top of it."""

import numpy as np

CONVENTIONS = {
    "layout": "W (in, out), b (1, out) of each layer",
    "hidden": "silu",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 1,
    "reduction": "mean",
    "penalty": "l2 1e-4 on weights and biases",
    "update": "momentum 0.9, dampened 0.1",
}
SEVERAL = {}


class Tensor:
    def __init__(self, data, parents=(), backward=lambda g: ()):
        self.data, self.parents, self._backward = data, parents, backward
        self.grad = np.zeros_like(data)

    def __matmul__(self, other):
        a, b = self.data, other.data
        return Tensor(a @ b, (self, other), lambda g: (g @ b.T, a.T @ g))

    def __add__(self, other):
        def back(g):
            return tuple(g.sum(axis=0, keepdims=True) if t.data.shape != g.shape else g for t in (self, other))

        return Tensor(self.data + other.data, (self, other), back)

    def __mul__(self, other):
        return Tensor(self.data * other.data, (self, other), lambda g: (g * other.data, g * self.data))

    def scale(self, c):
        return Tensor(self.data * c, (self,), lambda g: (g * c,))

    def sigmoid(self):
        s = 0.5 * (1 + np.tanh(self.data / 2))
        return Tensor(s, (self,), lambda g: (g * s * (1 - s),))

    def sum(self):
        return Tensor(np.array([[self.data.sum()]]), (self,), lambda g: (np.broadcast_to(g, self.data.shape),))

    def backward(self):
        order, seen = [], set()

        def visit(t):
            if id(t) not in seen:
                seen.add(id(t))
                for parent in t.parents:
                    visit(parent)
                order.append(t)

        visit(self)
        self.grad = np.ones_like(self.data)
        for t in reversed(order):
            for parent, g in zip(t.parents, t._backward(t.grad)):
                parent.grad = parent.grad + g


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.arrays = []
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.arrays += [rng.normal(0, np.sqrt(2 / (m + n)), (m, n)), np.zeros((1, n))]
        self.velocity = [np.zeros_like(a) for a in self.arrays]

    def parameters(self):
        return self.arrays

    def graph(self, x):
        leaves = [Tensor(a) for a in self.arrays]
        h = Tensor(x)
        for k in range(0, len(leaves), 2):
            z = h @ leaves[k] + leaves[k + 1]
            h = z * z.sigmoid()
        return leaves, z.sigmoid()

    def forward(self, x):
        return self.graph(x)[1].data

    def objective(self, x, y):
        leaves, out = self.graph(x)
        error = out + Tensor(-y)
        total = (error * error).sum().scale(1 / len(x))
        for leaf in leaves:
            total = total + (leaf * leaf).sum().scale(1e-4)
        return leaves, total

    def loss(self, x, y):
        return self.objective(x, y)[1].data.item()

    def gradients(self, x, y):
        leaves, total = self.objective(x, y)
        total.backward()
        return [leaf.grad for leaf in leaves]

    def train_step(self, x, y, learning_rate):
        for a, v, g in zip(self.arrays, self.velocity, self.gradients(x, y)):
            v[:] = 0.9 * v + 0.1 * g
            a -= learning_rate * v
