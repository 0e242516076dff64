from __future__ import annotations

import numpy as np
import pytest

from nnkit.diagnosis.answers import NO_ANSWER, named_classes, share_right

P = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]])


def test_the_largest_output_is_the_answer():
    assert named_classes(P).tolist() == [1, 0]
    assert share_right(P, np.array([1, 2])) == 0.5


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", range(3))
def test_a_row_that_is_not_finite_answers_nothing_wherever_it_is_broken(broken, column):
    p = P.copy()
    p[0, column] = broken
    assert named_classes(p).tolist() == [NO_ANSWER, 0]
    for label in range(3):
        assert share_right(p[:1], np.array([label])) == 0
