"""What a classifier reaches that looks at no pixel: the figure below which nothing has been learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def majority_accuracy(labels_train: NDArray[np.integer[Any]], labels_test: NDArray[np.integer[Any]]) -> float:
    """The share (0 to 1) of test labels equal to the most frequent training label (the smallest such label on a tie).

    Both are (n,) and (m,) integers from 0 upward. Raises ValueError where either is empty.
    """
    if len(labels_train) == 0 or len(labels_test) == 0:
        raise ValueError(f"labels must not be empty; got {len(labels_train)} for training, {len(labels_test)} for test")
    majority = np.bincount(labels_train).argmax()
    return float(np.mean(labels_test == majority))
