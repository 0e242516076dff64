from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import majority_accuracy


def test_the_majority_is_that_of_training_and_the_share_that_of_test():
    assert majority_accuracy(np.array([3, 3, 1]), np.array([3, 1, 1, 1])) == 0.25
    assert majority_accuracy(np.array([0, 1]), np.array([0])) == 1.0


@pytest.mark.parametrize(("train", "test"), [([], [1]), ([1], [])])
def test_no_labels_are_refused(train, test):
    with pytest.raises(ValueError, match="not be empty"):
        majority_accuracy(np.array(train, dtype=int), np.array(test, dtype=int))
