from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import linear_softmax, linear_squares, majority_accuracy
from nnkit.datasets.digits import load as load_digits


def test_the_majority_is_that_of_training_and_the_share_that_of_test():
    assert majority_accuracy(np.array([3, 3, 1]), np.array([3, 1, 1, 1])) == 0.25
    assert majority_accuracy(np.array([0, 1]), np.array([0])) == 1.0


@pytest.mark.parametrize(("train", "test"), [([], [1]), ([1], [])])
def test_no_labels_are_refused(train, test):
    with pytest.raises(ValueError, match="not be empty"):
        majority_accuracy(np.array(train, dtype=int), np.array(test, dtype=int))


def test_weighing_pixels_reads_nine_digits_of_ten():
    digits = load_digits()
    W, b = linear_softmax(digits.x_train, digits.labels_train, np.random.default_rng(0))
    right = (digits.x_test @ W + b).argmax(axis=1) == digits.labels_test
    assert 0.88 <= right.mean() <= 0.94  # fitted to the end by other means: 90.6 %
    assert W.dtype == b.dtype == np.float32


def test_least_squares_reads_less():
    digits = load_digits()
    x, y = digits.x_train.astype(float), np.eye(10)[digits.labels_train]
    W, b = linear_squares(digits.x_train, digits.labels_train)
    error = x @ W + b - y
    np.testing.assert_allclose(x.T @ error, 0, atol=1e-8)  # nothing is left that weighing pixels could explain
    np.testing.assert_allclose(error.sum(axis=0), 0, atol=1e-8)
    assert 0.8 <= np.mean((digits.x_test @ W + b).argmax(axis=1) == digits.labels_test) <= 0.9


def test_it_cannot_do_what_no_weighing_can():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    labels = np.array([0, 1, 1, 0])
    W, b = linear_softmax(x, labels, np.random.default_rng(0), k=2, batch_size=4)
    assert ((x @ W + b).argmax(axis=1) == labels).sum() <= 3


@pytest.mark.parametrize("scale", [1.0, 16.0, 255.0])
def test_the_rate_follows_the_scale_of_the_data(scale):
    digits = load_digits()
    W, b = linear_softmax(digits.x_train * np.float32(scale), digits.labels_train, np.random.default_rng(0))
    right = (digits.x_train * scale @ W + b).argmax(axis=1) == digits.labels_train
    assert right.mean() > 0.85
