"""Object-oriented homework: a neuron knows its weights, its bias and what it said last."""

import math

import numpy as np


class Neuron:
    def __init__(self, n, rng):
        self.w = rng.uniform(-1, 1, n)
        self.b = rng.uniform(-1, 1, 1)
        self.out = 0.0
        self.delta = 0.0

    def activate(self, inputs):
        total = self.b[0]
        for weight, value in zip(self.w, inputs):
            total += weight * value
        self.out = 1 / (1 + math.exp(-total)) if total > -700 else 0.0
        return self.out

    def slope(self):
        return self.out * (1 - self.out)


class Net:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.net = [[Neuron(m, rng) for _ in range(n)] for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return [p for layer in self.net for unit in layer for p in (unit.w, unit.b)]

    def ask(self, row):
        self.seen = [list(row)]
        for layer in self.net:
            self.seen.append([unit.activate(self.seen[-1]) for unit in layer])
        return self.seen[-1]

    def forward(self, x):
        return np.array([self.ask(row) for row in x])

    def loss(self, x, y):
        return sum(0.5 * (t - o) ** 2 for row, target in zip(x, y) for t, o in zip(target, self.ask(row)))

    def gradients(self, x, y):
        total = [np.zeros_like(p) for p in self.parameters()]
        for row, target in zip(x, y):
            self.ask(row)
            for k, unit in enumerate(self.net[-1]):
                unit.delta = unit.out - target[k]
            for l in range(len(self.net) - 2, -1, -1):
                for j, unit in enumerate(self.net[l]):
                    blame = sum(above.w[j] * above.delta for above in self.net[l + 1])
                    unit.delta = blame * unit.slope()
            slot = iter(total)
            for layer, inputs in zip(self.net, self.seen):
                for unit in layer:
                    dw, db = next(slot), next(slot)
                    dw += unit.delta * np.array(inputs)
                    db += unit.delta
        return total

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def build(sizes, seed):
    return Net(sizes, seed)
