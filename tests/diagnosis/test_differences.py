from __future__ import annotations

import numpy as np
import pytest

from nnkit.diagnosis.differences import relative_difference


def test_it_is_relative_to_the_longer_of_the_two() -> None:
    assert relative_difference(np.array([3.0, 0.0]), np.array([3.0, 4.0])) == pytest.approx(4 / 5)
    assert relative_difference(np.array([3.0, 4.0]), np.array([3.0, 0.0])) == pytest.approx(4 / 5)
    assert relative_difference(np.zeros(2), np.zeros(2)) == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_agrees_with_nothing(value: float) -> None:
    wrong = np.array([value, 1.0])
    assert relative_difference(wrong, np.ones(2)) == np.inf
    assert relative_difference(np.ones(2), wrong) == np.inf
    assert relative_difference(wrong, wrong) == np.inf
