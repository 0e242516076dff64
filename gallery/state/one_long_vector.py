"""For an optimiser that wants one long vector."""

from types import SimpleNamespace

import numpy as np


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    pairs = list(zip(sizes[:-1], sizes[1:]))
    vector = rng.normal(0, 0.7, sum(m * n + n for m, n in pairs))
    Ws, bs, i = [], [], 0
    for m, n in pairs:
        Ws.append(vector[i : i + m * n].reshape(m, n))
        bs.append(vector[i + m * n : i + m * n + n])
        i += m * n + n

    def flat(mats, rows):
        return np.concatenate([np.append(M.ravel(), r) for M, r in zip(mats, rows)])

    def parameters():
        return [flat(Ws, bs)]

    def run(x):
        h = [x]
        for W, b in zip(Ws[:-1], bs[:-1]):
            h.append(np.tanh(h[-1] @ W + b))
        return h, h[-1] @ Ws[-1] + bs[-1]

    def forward(x):
        return np.exp(-np.logaddexp(0, -run(x)[1]))

    def loss(x, y):
        z = run(x)[1]
        return np.sum(np.logaddexp(0, z) - y * z) / len(x)

    def gradients(x, y):
        h, z = run(x)
        d = (np.exp(-np.logaddexp(0, -z)) - y) / len(x)
        gW, gb = [], []
        for k in range(len(Ws) - 1, -1, -1):
            gW.insert(0, h[k].T @ d)
            gb.insert(0, d.sum(axis=0))
            d = d @ Ws[k].T * (1 - h[k] ** 2)
        return [flat(gW, gb)]

    def train_step(x, y, learning_rate):
        vector[:] -= learning_rate * gradients(x, y)[0]

    return SimpleNamespace(
        parameters=parameters, forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
