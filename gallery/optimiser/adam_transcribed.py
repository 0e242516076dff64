"""Adam transcribed from a paper, Greek letters and all, on one flat vector."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed):
    shapes = [s for m, n in zip(sizes[:-1], sizes[1:]) for s in ((m, n), (n,))]
    cuts = np.cumsum([int(np.prod(s)) for s in shapes])
    rng = np.random.default_rng(seed)
    theta = np.zeros(cuts[-1])

    def views(vector):
        return [part.reshape(s) for part, s in zip(np.split(vector, cuts[:-1]), shapes)]

    for matrix in views(theta)[::2]:
        matrix[...] = rng.normal(0, 1 / np.sqrt(len(matrix)), matrix.shape)

    beta1, beta2, epsilon = 0.9, 0.99, 1e-8
    memory = {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": 0}

    def run(x):
        parts = views(theta)
        h = [x]
        for W, b in zip(parts[::2], parts[1::2]):
            z = h[-1] @ W + b
            h.append(z / (1 + np.abs(z)))
        return h, z

    def forward(x):
        return np.exp(-np.logaddexp(0, -run(x)[1]))

    def loss(x, y):
        z = run(x)[1]
        return np.mean(np.logaddexp(0, z) - y * z)

    def gradients(x, y):
        h, z = run(x)
        d = (np.exp(-np.logaddexp(0, -z)) - y) / y.size
        g = np.zeros_like(theta)
        parts, slots = views(theta), views(g)
        for k in range(len(sizes) - 2, -1, -1):
            slots[2 * k][...] = h[k].T @ d
            slots[2 * k + 1][...] = d.sum(axis=0)
            d = d @ parts[2 * k].T * (1 - np.abs(h[k])) ** 2
        return [g]

    def train_step(x, y, learning_rate):
        (g,) = gradients(x, y)
        memory["t"] += 1
        memory["m"] = beta1 * memory["m"] + (1 - beta1) * g
        memory["v"] = beta2 * memory["v"] + (1 - beta2) * g**2
        m_hat = memory["m"] / (1 - beta1 ** memory["t"])
        v_hat = memory["v"] / (1 - beta2 ** memory["t"])
        theta[:] -= learning_rate * m_hat / (v_hat + epsilon)

    return SimpleNamespace(
        parameters=lambda: [theta], forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
