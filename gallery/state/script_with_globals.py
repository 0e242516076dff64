"""A script that became a module: the parameters stand at the top, where everybody can see them."""

from types import SimpleNamespace

import numpy as np

PARAMS = {}


def init(sizes, seed):
    rng = np.random.default_rng(seed)
    params = {}
    for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:])):
        params[f"W{i}"] = rng.normal(0, 1 / np.sqrt(m), (m, n))
        params[f"b{i}"] = np.zeros((1, n))
    return params


def run(params, x):
    a = [x]
    for i in range(len(params) // 2):
        a.append(0.5 * (1 + np.tanh(0.5 * (a[-1] @ params[f"W{i}"] + params[f"b{i}"]))))
    return a


def backward(params, x, y):
    a = run(params, x)
    d = 2 * (a[-1] - y) / y.size
    grads = {}
    for i in range(len(params) // 2 - 1, -1, -1):
        d = d * a[i + 1] * (1 - a[i + 1])
        grads[f"W{i}"] = a[i].T @ d
        grads[f"b{i}"] = d.sum(axis=0, keepdims=True)
        d = d @ params[f"W{i}"].T
    return [grads[name] for name in params]


def build(sizes, seed):
    params = PARAMS
    params.clear()
    params.update(init(sizes, seed))

    def train_step(x, y, learning_rate):
        for p, g in zip(params.values(), backward(params, x, y)):
            p -= learning_rate * g

    return SimpleNamespace(
        parameters=lambda: list(params.values()),
        forward=lambda x: run(params, x)[-1],
        loss=lambda x, y: np.mean((run(params, x)[-1] - y) ** 2),
        gradients=lambda x, y: backward(params, x, y),
        train_step=train_step,
    )
