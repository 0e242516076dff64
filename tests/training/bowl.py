"""A loss of which everything is known: L(theta) = 1/2 sum lambda_i theta_i^2.

Plain descent multiplies theta_i by 1 - eta lambda_i a step, so it converges exactly where eta < 2 / lambda_max.
"""

from __future__ import annotations

import numpy as np


class Bowl:
    """`loss` and `train_step` by plain descent; what it was trained on is kept in `seen`."""

    def __init__(self, curvatures=(1.0, 4.0)):
        self.curvatures = np.array(curvatures)
        self.theta = np.ones_like(self.curvatures)
        self.seen = []
        self.rates = []

    def loss(self, x, y):
        return float(0.5 * (self.curvatures * self.theta**2).sum())

    def train_step(self, x, y, learning_rate):
        self.seen.append((x, y))
        self.rates.append(learning_rate)
        self.theta = self.theta * (1 - learning_rate * self.curvatures)
