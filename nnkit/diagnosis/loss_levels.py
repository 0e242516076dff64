"""Landmarks on the loss of a classifier with one-hot targets: knowing nothing, and being surely right.

For n samples and k classes, with the means of `nnkit.diagnosis.oracle`. They follow from the formula of the loss alone,
so they hold for every network, and give limits that need no tuning.
"""

from __future__ import annotations

import math

from nnkit.diagnosis.formulas import UNREAD, NotRead


def require_known(loss: str) -> None:
    """Raise NotRead where the loss has no formula."""
    if loss == UNREAD:
        raise NotRead("its loss function")


def blind_loss(loss: str, k: int = 10) -> float:
    """The lowest loss without a look at the input, k classes being equally frequent: every output says 1/k.

    The losses are convex in the output, so no other constant output does better.
    """
    if loss == "mse":
        return (k - 1) / k**2
    if loss == "binary_cross_entropy":
        return math.log(k) / k - (1 - 1 / k) * math.log1p(-1 / k)
    if loss == "cross_entropy":
        return math.log(k)
    raise _no_landmark(loss)


def certain_loss(loss: str, n: int, k: int = 10) -> float:
    """The loss below which all n samples are classified right, whatever the network.

    A sample is wrong where the output of another class is at least that of its own. The cheapest way to be wrong is a
    tie at 1/2, which costs this sample ln 2 (cross-entropy), 2 ln 2 / k (binary cross-entropy) or 1/(2k) (squared
    error); the mean over n samples is then at least an nth of that, even if all others are perfect.
    """
    costs = {"mse": 1 / (2 * k), "binary_cross_entropy": 2 * math.log(2) / k, "cross_entropy": math.log(2)}
    if loss not in costs:
        raise _no_landmark(loss)
    return costs[loss] / n


def loss_unit(loss: str) -> str:
    """What the loss is counted in: nats for the cross-entropies, squared units of the targets for squared error."""
    if loss == UNREAD:
        return "own units"
    return "nats" if "cross_entropy" in loss else "squared units"


def _no_landmark(loss: str) -> Exception:
    return NotRead("its loss function") if loss == UNREAD else ValueError(f"no landmark for the loss {loss!r}")
