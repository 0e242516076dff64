"""An optimisation person: the network is a function of one vector theta, and so is its gradient."""

from types import SimpleNamespace

import numpy as np

CONVENTIONS = {
    "layout": "one flat vector: W1 (in, out) row by row, b1, W2, b2, ...",
    "hidden": "tanh",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {}


def build(sizes, seed):
    shapes = list(zip(sizes[:-1], sizes[1:]))
    theta = np.concatenate(
        [
            np.r_[rng.uniform(-1, 1, m * n) * np.sqrt(6 / (m + n)), np.zeros(n)]
            for rng in [np.random.default_rng(seed)]
            for m, n in shapes
        ]
    )

    def unpack(t):
        i = 0
        for m, n in shapes:
            yield t[i : i + m * n].reshape(m, n), t[i + m * n : i + m * n + n]
            i += m * n + n

    def activations(x):
        found = [x]
        for k, (W, b) in enumerate(unpack(theta)):
            z = found[-1] @ W + b
            found.append(np.tanh(z) if k < len(shapes) - 1 else 0.5 + 0.5 * np.tanh(z / 2))
        return found

    def forward(x):
        return activations(x)[-1]

    def loss(x, y):
        return 0.5 * np.sum((forward(x) - y) ** 2) / len(x)

    def gradients(x, y):
        a = activations(x)
        g = np.zeros_like(theta)
        delta = (a[-1] - y) / len(x) * a[-1] * (1 - a[-1])
        layers = list(zip(unpack(theta), unpack(g)))
        for k in range(len(layers) - 1, -1, -1):
            (W, _), (dW, db) = layers[k]
            dW[...] = a[k].T @ delta
            db[...] = delta.sum(0)
            delta = delta @ W.T * (1 - a[k] ** 2)
        return [g]

    def train_step(x, y, learning_rate):
        theta[:] -= learning_rate * gradients(x, y)[0]

    return SimpleNamespace(
        parameters=lambda: [theta], forward=forward, loss=loss, gradients=gradients, train_step=train_step
    )
