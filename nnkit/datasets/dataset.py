"""What every image data set looks like here: images as rows in [0, 1], labels as integers, and where both came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

Name = Literal["mnist", "digits"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test images of handwritten digits.

    `x_train` (n, d) and `x_test` (m, d) are float32 in [0, 1], one image a row; `labels_train` (n,) and `labels_test`
    (m,) are int64 in 0..9; d is the product of `image_shape`. `source` says in a sentence or two where the data came
    from and, for the digits that stand in for MNIST, why it is not MNIST. `fingerprint` (SHA-256, hex) is that of the
    stored files, equal to what `locate_dataset` says of them.
    """

    name: Name
    title: str
    x_train: NDArray[np.float32] = field(repr=False)
    labels_train: NDArray[np.int64] = field(repr=False)
    x_test: NDArray[np.float32] = field(repr=False)
    labels_test: NDArray[np.int64] = field(repr=False)
    image_shape: tuple[int, int]
    source: str
    fingerprint: str

    @property
    def is_mnist(self) -> bool:
        """Whether this is MNIST, and not the digits that stand in for it."""
        return self.name == "mnist"


def one_hot(labels: NDArray[np.integer[Any]], k: int = 10, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """Labels (n,) in 0..k-1 as rows (n, k): 1 in the column of the label, 0 elsewhere.

    Raises ValueError where a label is not an integer, or lies outside 0..k-1, naming the first such row.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers of shape (n,); got {labels.dtype} of shape {labels.shape}")
    outside = (labels < 0) | (labels >= k)
    if outside.any():
        row = int(np.argmax(outside))
        raise ValueError(f"labels must lie in 0..{k - 1}; row {row} holds {labels[row]}")
    rows = np.zeros((len(labels), k), dtype=dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows
