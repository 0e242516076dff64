"""An array artist: everything is an einsum, samples in the middle, weights of a layer and its bias in one 3-d block."""

import numpy as np

CONVENTIONS = {
    "layout": "one block (1, out, in + 1) per layer, bias at the end of the last axis",
    "hidden": "softplus",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "sum",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


def softplus(z):
    return np.where(z > 30, z, np.log1p(np.exp(np.minimum(z, 30))))


def step_like(z):
    """The slope of softplus as it is computed above, so 1 beyond 30."""
    return np.where(z > 30, 1.0, 1 / (1 + np.exp(-np.clip(z, -700, 30))))


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.blocks = [rng.normal(0, (m + 1) ** -0.5, (1, n, m + 1)) for m, n in zip(sizes[:-1], sizes[1:])]

    def parameters(self):
        return list(self.blocks)

    def strata(self, x):
        hs, zs = [x], []
        for block in self.blocks:
            zs.append(np.einsum("uoi,ni->no", block[..., :-1], hs[-1]) + block[0, :, -1])
            hs.append(softplus(zs[-1]))
        return hs, zs

    def forward(self, x):
        z = self.strata(x)[1][-1]
        return np.exp(-np.logaddexp(0, -z))

    def loss(self, x, y):
        z = self.strata(x)[1][-1]
        return np.sum(np.logaddexp(0, z) - y * z)

    def gradients(self, x, y):
        hs, zs = self.strata(x)
        d = np.exp(-np.logaddexp(0, -zs[-1])) - y
        found = [None] * len(self.blocks)
        for k in range(len(self.blocks))[::-1]:
            ones = np.ones((len(x), 1))
            found[k] = np.einsum("no,ni->oi", d, np.concatenate([hs[k], ones], axis=1))[None]
            if k:
                d = np.einsum("no,uoi->ni", d, self.blocks[k][..., :-1]) * step_like(zs[k - 1])
        return found

    def train_step(self, x, y, learning_rate):
        for block, slope in zip(self.blocks, self.gradients(x, y)):
            block -= learning_rate * slope
