from __future__ import annotations

import numpy as np
import pytest

from nnkit.network import INITIALISERS

VARIANCE = {"zero": 0.0, "normal": 1.0, "glorot": 2 / (300 + 200), "he": 2 / 300}


def test_the_table_is_whole():
    assert set(VARIANCE) == set(INITIALISERS)


@pytest.mark.parametrize("name", sorted(INITIALISERS))
def test_moments_and_shape(name):
    W = INITIALISERS[name](np.random.default_rng(0), 300, 200)
    assert W.shape == (300, 200)
    # 60,000 draws: five standard errors of a mean, and of a variance (at most that of a normal, sqrt(2/n)).
    assert abs(W.mean()) <= 5 * np.sqrt(VARIANCE[name] / W.size)
    assert abs(W.var() - VARIANCE[name]) <= 5 * VARIANCE[name] * np.sqrt(2 / W.size)


def test_glorot_is_bounded_and_fills_its_range():
    W = INITIALISERS["glorot"](np.random.default_rng(0), 300, 200)
    bound = np.sqrt(6 / 500)
    assert 0.999 * bound < np.abs(W).max() <= bound


@pytest.mark.parametrize("name", ["normal", "glorot", "he"])
def test_the_generator_decides(name):
    draw = INITIALISERS[name]
    first = draw(np.random.default_rng(3), 4, 5)
    np.testing.assert_array_equal(first, draw(np.random.default_rng(3), 4, 5))
    assert (first != draw(np.random.default_rng(4), 4, 5)).all()
