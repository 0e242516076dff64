"""What simple classifiers reach: one that looks at no pixel, and one that only weighs them.

Below the first, nothing has been learned; at the second, a network has learned no more than its output layer could have
learned alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnkit.datasets.dataset import one_hot


def majority_accuracy(labels_train: NDArray[np.integer[Any]], labels_test: NDArray[np.integer[Any]]) -> float:
    """The share (0 to 1) of test labels equal to the most frequent training label (the smallest such label on a tie).

    Both are (n,) and (m,) integers from 0 upward. Raises ValueError where either is empty.
    """
    if len(labels_train) == 0 or len(labels_test) == 0:
        raise ValueError(f"labels must not be empty; got {len(labels_train)} for training, {len(labels_test)} for test")
    majority = np.bincount(labels_train).argmax()
    return float(np.mean(labels_test == majority))


def linear_softmax(
    x: NDArray[np.floating[Any]],
    labels: NDArray[np.integer[Any]],
    rng: np.random.Generator,
    *,
    k: int = 10,
    steps: int = 1000,
    batch_size: int = 128,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Softmax regression: W (d, k) and b (k,) that make argmax(x W + b) the class, fitted by cross-entropy.

    Minibatch descent with momentum 0.9 from zero weights; the problem is convex, and the rate follows from the data: the
    slope of the loss changes by at most E|x|^2 / 2 per unit of W, which allows rates up to 4 / E|x|^2. It falls linearly
    to zero, so that the noise of the batches dies out. On MNIST the default gets about 91 % of the test images right.
    """
    dtype = x.dtype
    W, b = np.zeros((x.shape[1], k), dtype), np.zeros(k, dtype)
    dW, db = np.zeros_like(W), np.zeros_like(b)
    y = one_hot(labels, k, dtype)
    rate = 2 / float(1 + np.mean(np.sum(x[:2000] ** 2, axis=1)))
    for step in range(steps):
        rows = rng.integers(0, len(x), batch_size)
        batch = x[rows]
        z = batch @ W + b
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        delta = (p - y[rows]) * dtype.type(rate * (1 - step / steps) / batch_size)
        dW *= dtype.type(0.9)
        dW -= batch.T @ delta
        db *= dtype.type(0.9)
        db -= delta.sum(axis=0)
        W += dW
        b += db
    return W, b


def linear_squares(
    x: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]], *, k: int = 10
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Linear regression on one-hot targets: W (d, k) and b (k,) of least squared error, of several the shortest.

    Squared error also punishes outputs that are too right, so it classifies worse than softmax regression: on MNIST about
    86 % of the test images.
    """
    d = x.shape[1] + 1
    squares, products = np.zeros((d, d)), np.zeros((d, k))
    for first in range(0, len(x), 5000):
        rows = slice(first, first + 5000)
        ones = np.ones((len(x[rows]), 1))
        batch = np.hstack([x[rows], ones])
        squares += batch.T @ batch
        products += batch.T @ one_hot(labels[rows], k)
    W = np.linalg.lstsq(squares, products, rcond=None)[0]
    return W[:-1], W[-1]
