from __future__ import annotations

import numpy as np
import pytest

from nnkit.training import warm_up_then_cosine


def test_warm_up_then_cosine():
    rate = warm_up_then_cosine(0.2, warm_up=0.25)
    assert rate(0.125) == pytest.approx(0.1)
    assert rate(0.25) == pytest.approx(0.2)
    assert rate(0.625) == pytest.approx(0.1)
    assert rate(1.0) == pytest.approx(0.0)
    assert type(rate(0.1)) is type(rate(0.9)) is float


def test_the_rate_rises_then_falls_and_always_moves():
    rates = np.array([warm_up_then_cosine(0.2)(step / 500) for step in range(500)])
    assert rates.argmax() == 50
    assert rates.max() == 0.2
    assert (np.diff(rates[:51]) > 0).all() and (np.diff(rates[50:]) < 0).all()
    assert rates.min() > 0


def test_without_warm_up_it_begins_at_the_peak():
    assert warm_up_then_cosine(0.2, warm_up=0.0)(0.0) == 0.2
