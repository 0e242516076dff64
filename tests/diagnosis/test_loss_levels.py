from __future__ import annotations

import math

import numpy as np
import pytest

from nnkit.datasets import one_hot
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.loss_levels import blind_loss, certain_loss, loss_unit
from nnkit.network import head

HEADS = [("sigmoid", "mse"), ("softmax", "mse"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]


@pytest.mark.parametrize(("output", "loss"), HEADS)
@pytest.mark.parametrize("k", [2, 3, 10])
def test_a_guess_costs_what_the_formula_says_and_nothing_constant_is_cheaper(output, loss, k):
    y = one_hot(np.arange(k), k)
    # the logits of 1/k behind each output
    z = np.zeros((k, k)) if output == "softmax" else np.full((k, k), -math.log(k - 1))
    guess = head(output, loss)
    assert guess.value(z, y) == pytest.approx(blind_loss(loss, k), rel=1e-12)
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert guess.value(z + rng.normal(0, 1, k), y) >= blind_loss(loss, k) * (1 - 1e-12)


@pytest.mark.parametrize(("output", "loss"), HEADS)
def test_below_the_certain_loss_nothing_is_wrong_and_just_above_it_something_can_be(output, loss):
    n, k = 5, 4
    labels = np.arange(n) % k
    y = one_hot(labels, k)
    z = 60.0 * (2 * y - 1)  # sure and right
    z[0, 0] = z[0, 1] = 0.0 if output == "sigmoid" else 60.0  # and one tie at 1/2
    assert head(output, loss).value(z, y) == pytest.approx(certain_loss(loss, n, k), rel=1e-9)
    rng = np.random.default_rng(1)
    for _ in range(300):
        z = rng.normal(0, 6, (n, k)) + 4 * y
        if head(output, loss).value(z, y) < certain_loss(loss, n, k):
            assert (z.argmax(axis=1) == labels).all()


@pytest.mark.parametrize("landmark", [lambda: blind_loss("hinge"), lambda: certain_loss("hinge", 10)])
def test_an_unknown_loss_is_refused(landmark):
    with pytest.raises(ValueError, match="hinge"):
        landmark()


def test_losses_have_units():
    assert [loss_unit(loss) for loss in ("mse", "binary_cross_entropy", "cross_entropy", UNREAD)] == [
        "squared units",
        "nats",
        "nats",
        "own units",
    ]
