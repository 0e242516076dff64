"""What is odd about data is measured, with the first row that shows it; sound data show nothing."""

from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import health


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(200, 5))


@pytest.fixture
def y(x: np.ndarray) -> np.ndarray:
    return np.eye(3)[np.digitize(x[:, 0], [-0.5, 0.5])]


def test_sound_inputs(x: np.ndarray) -> None:
    found = health.inputs(x)
    assert not found.not_finite and found.constant == 0 and found.widest < 1.5 and found.rows_alike == 0
    assert found.spread == pytest.approx(1, abs=0.1)
    assert health.inputs(x, scale=2.0, shift=1.0).mean == pytest.approx(-2, abs=0.2)


def test_odd_inputs(x: np.ndarray) -> None:
    x[:, 1] = 7
    x[:, 2] *= 1000
    x[33, 0] = np.inf
    found = health.inputs(x)
    assert (found.not_finite.count, found.not_finite.first) == (1, 33)
    assert found.constant == pytest.approx(0.2)
    assert found.widest_column == 2 and found.widest > 500
    assert health.inputs(np.ones((20, 3))).constant == 1
    assert health.inputs(np.tile(x[:2], (50, 1))).rows_alike > 0.9


def test_targets_that_are_classes(y: np.ndarray) -> None:
    found = health.targets(y)
    assert found.labels is not None and (found.labels == y.argmax(axis=1)).all()
    assert not found.unlabelled and not found.several and not found.is_sorted
    assert found.counts.sum() == 200 and found.most_frequent < 0.6
    assert health.targets(y[np.argsort(found.labels, kind="stable")]).is_sorted


def test_rows_without_a_class_and_with_two(y: np.ndarray) -> None:
    y[10] = 0
    y[20] = [1, 1, 0]
    y[30] = np.nan
    found = health.targets(y)
    assert (found.unlabelled.first, found.several.first, found.not_finite.first) == (10, 20, 30)


def test_targets_that_are_numbers(x: np.ndarray) -> None:
    found = health.targets(x[:, :1] * 100)
    assert found.labels is None and found.spread == pytest.approx(100, rel=0.2)
    assert health.targets(np.array([[0.0], [1.0], [1.0]])).labels is not None


def test_whether_targets_belong_to_their_inputs(x: np.ndarray, y: np.ndarray) -> None:
    wide = x * [5, 1, 1, 1, 1]
    assert not health.pairing(wide[:, :1], y).at_chance
    order = np.random.default_rng(1).permutation(200)
    assert health.pairing(wide[:, :1], y[order]).at_chance
    moved = health.pairing(wide[:, :1], np.roll(y, -1, axis=0))
    assert moved.shift == 1 and moved.shifted > moved.agreement + 0.3
    numbers = health.pairing(wide[:, :1], np.sin(x[:, :1]))
    assert numbers.agreement > 0.9
    across = health.pairing(wide[:150, :1], y[:150], wide[150:, :1], y[150:])
    assert across.agreement > 0.8


def test_one_column_that_is_far_wider_does_not_decide_who_is_near(x: np.ndarray, y: np.ndarray) -> None:
    noise = np.random.default_rng(3).normal(size=(200, 1))
    assert health.pairing(np.hstack([x[:, :1], x[:, :1], 1e6 * noise]), y).agreement > 0.5


def test_test_rows_among_the_training_rows(x: np.ndarray) -> None:
    assert not health.in_both(x[:100], x[100:])
    found = health.in_both(x[:100], x[95:])
    assert (found.count, found.first) == (5, 0)
