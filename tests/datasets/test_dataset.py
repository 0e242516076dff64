from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import one_hot


def test_one_hot_rows():
    rows = one_hot(np.array([2, 0]), k=3)
    assert rows.dtype == np.float64
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot(np.array([9], dtype=np.uint8), dtype=np.float32).dtype == np.float32
    assert one_hot(np.array([], dtype=int)).shape == (0, 10)


@pytest.mark.parametrize("label", [-1, 10])
def test_a_label_outside_is_named_with_its_row(label):
    with pytest.raises(ValueError, match=rf"0\.\.9; row 1 holds {label}"):
        one_hot(np.array([3, label, label]))


@pytest.mark.parametrize("labels", [np.array([1.0]), np.array([[1]])])
def test_what_are_not_labels_is_refused(labels):
    with pytest.raises(ValueError, match="integers of shape"):
        one_hot(labels)
