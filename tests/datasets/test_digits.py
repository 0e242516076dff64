from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import DataDamaged, digits


def test_they_are_real_digits_and_not_called_mnist():
    data = digits.load()
    assert (data.name, data.is_mnist, data.image_shape) == ("digits", False, (8, 8))
    assert "not MNIST" in data.title
    assert data.x_train.shape == (1415, 64)
    assert data.x_test.shape == (382, 64)
    for x, labels in ((data.x_train, data.labels_train), (data.x_test, data.labels_test)):
        assert (x.dtype, labels.dtype) == (np.float32, np.int64)
        assert x.min() == 0 and x.max() == 1
        assert set(labels) == set(range(10))
        # The forms ask for every digit about equally often, so no class falls far below its tenth.
        assert np.bincount(labels).min() > 0.09 * len(labels)


def test_they_are_those_that_scikit_learn_distributes():
    distributed = pytest.importorskip("sklearn.datasets").load_digits()
    data = digits.load()
    np.testing.assert_array_equal(np.vstack([data.x_train, data.x_test]) * 16, distributed.data)
    np.testing.assert_array_equal(np.hstack([data.labels_train, data.labels_test]), distributed.target)


def test_no_form_is_on_both_sides_of_the_split():
    data = digits.load()
    labels = "".join(map(str, np.hstack([data.labels_train, data.labels_test])))
    for start in digits._FORM_STARTS[1:]:
        # A form ends in 90898 (one has lost a digit there, one has a slip) and begins with 0 to 9 (one has lost its 0).
        assert labels[start - 4 : start] in ("0898", "0893", "4908")
        assert labels[start:].startswith(("0123456789", "1234567890123456789"))
    assert len(data.x_train) in digits._FORM_STARTS


def test_a_form_is_one_hand():
    data = digits.load()
    x = np.vstack([data.x_train, data.x_test])
    labels = np.hstack([data.labels_train, data.labels_test])
    squares = (x**2).sum(axis=1)
    distance = squares[:, None] + squares - 2 * x @ x.T
    distance[labels[:, None] != labels] = np.inf
    np.fill_diagonal(distance, np.inf)
    nearest = distance.argmin(axis=1)

    def share_within(borders):
        form = np.searchsorted(borders, np.arange(len(x)), side="right")
        return np.mean(form == form[nearest])

    borders = np.array(digits._FORM_STARTS[1:])
    assert share_within(borders) > 0.5  # 0.07 if hand and form were unrelated
    for shift in (8, 16, 32, 64):
        assert share_within(borders) > max(share_within(borders - shift), share_within(borders + shift))


@pytest.mark.parametrize("damage", [lambda stored: stored[:-1], lambda stored: stored[:99] + b"?" + stored[100:]])
def test_a_damaged_file_is_refused(damage, tmp_path, monkeypatch):
    path = tmp_path / "digits.npz"
    path.write_bytes(damage(digits.FILE.read_bytes()))
    monkeypatch.setattr(digits, "FILE", path)
    with pytest.raises(DataDamaged, match=r"SHA-256.*Install nnkit again"):
        digits.load()


def test_a_missing_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "FILE", tmp_path / "digits.npz")
    with pytest.raises(DataDamaged, match=r"readable file.*Install nnkit again"):
        digits.load()


def test_the_attribution_lies_beside_the_file():
    text = digits.FILE.with_suffix(".txt").read_text(encoding="utf-8")
    for part in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "UCI Machine Learning Repository"):
        assert part in text
