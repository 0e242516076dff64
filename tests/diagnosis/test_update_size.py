from __future__ import annotations

import math

import numpy as np
import pytest

from nnkit.diagnosis.update_size import update_ratios


def test_each_weight_matrix_has_its_ratio_and_biases_have_none():
    before = [np.full((2, 3), 2.0), np.zeros(3), np.ones((3, 1)), np.zeros(1)]
    after = [np.full((2, 3), 2.1), np.ones(3), np.full((3, 1), 0.5), np.ones(1)]
    assert update_ratios(before, after) == pytest.approx([0.05, 0.5])


def test_an_update_of_zero_weights_is_its_own_size():
    assert update_ratios([np.zeros((2, 2)), np.zeros(2)], [np.full((2, 2), 3.0), np.zeros(2)]) == pytest.approx([6.0])


def test_a_weight_that_is_not_a_number_is_not_hidden():
    before, after = [np.ones((2, 2)), np.zeros(2)], [np.array([[1.0, math.nan], [1, 1]]), np.zeros(2)]
    assert math.isnan(update_ratios(before, after)[0])
