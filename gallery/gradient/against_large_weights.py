"""Functions only; the state is a list. Squared error, tanh, decay of the weights."""

from types import SimpleNamespace

import numpy as np

decay = 0.001


def init(sizes, seed):
    rng = np.random.default_rng(seed)
    return [q for m, n in zip(sizes, sizes[1:]) for q in (rng.normal(0, 1 / np.sqrt(m), (m, n)), np.zeros(n))]


def run(params, x):
    acts = [x]
    for i in range(0, len(params), 2):
        z = acts[-1] @ params[i] + params[i + 1]
        acts.append(np.tanh(z) if i < len(params) - 2 else (1 + np.tanh(z / 2)) / 2)
    return acts


def cost(params, x, y):
    return np.mean((run(params, x)[-1] - y) ** 2) + decay / 2 * sum(np.sum(W**2) for W in params[::2])


def backward(params, x, y):
    acts = run(params, x)
    p = acts.pop()
    delta = 2 * (p - y) * p * (1 - p) / y.size
    grads = []
    for W in params[-2::-2]:
        below = acts.pop()
        grads = [below.T @ delta - decay * W, delta.sum(axis=0)] + grads
        delta = (delta @ W.T) * (1 - below**2)
    return grads


def update(params, grads, rate):
    for p, g in zip(params, grads):
        p -= rate * g


def build(sizes, seed):
    params = init(sizes, seed)
    return SimpleNamespace(
        parameters=lambda: params,
        forward=lambda x: run(params, x)[-1],
        loss=lambda x, y: cost(params, x, y),
        gradients=lambda x, y: backward(params, x, y),
        train_step=lambda x, y, learning_rate: update(params, backward(params, x, y), learning_rate),
    )
