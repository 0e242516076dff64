"""Plain Python where it can be: lists, loops and the math module; arrays only for what goes in and out."""

import math
import random

import numpy as np


def logistic(t):
    return 1.0 / (1.0 + math.exp(min(t, 700.0)))


class build:
    hidden = "sigmoid"
    output = "sigmoid"

    def __init__(self, sizes, seed):
        rnd = random.Random(seed)
        self.w = [
            np.array([[rnd.gauss(0, 1 / math.sqrt(m)) for _ in range(m)] for _ in range(n)])
            for m, n in zip(sizes[:-1], sizes[1:])
        ]
        self.b = [np.array([rnd.gauss(0, 0.1) for _ in range(n)]) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.w, self.b) for p in pair]

    def respond(self, row):
        levels = [list(row)]
        for w, b in zip(self.w, self.b):
            below = levels[-1]
            levels.append([logistic(b[j] + sum(v * s for v, s in zip(w[j], below))) for j in range(len(b))])
        return levels

    def forward(self, x):
        return np.array([self.respond(row)[-1] for row in x])

    def loss(self, x, y):
        total = 0.0
        for row, want in zip(x, y):
            total += sum((o - t) ** 2 for o, t in zip(self.respond(row)[-1], want))
        return total / len(x)

    def gradients(self, x, y):
        gw, gb = [0 * w for w in self.w], [0 * b for b in self.b]
        for row, want in zip(x, y):
            levels = self.respond(row)
            delta = [2 * (o - t) * o * (1 - o) / len(x) for o, t in zip(levels[-1], want)]
            for l in range(len(self.w) - 1, -1, -1):
                for j, d in enumerate(delta):
                    gb[l][j] += d
                    for i, s in enumerate(levels[l]):
                        gw[l][j, i] += d * s
                delta = [
                    s * (1 - s) * sum(d * self.w[l][j, i] for j, d in enumerate(delta)) for i, s in enumerate(levels[l])
                ]
        return [g for pair in zip(gw, gb) for g in pair]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g
