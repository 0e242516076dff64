from __future__ import annotations

import gzip
import hashlib
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniature import idx, make_small_mnist

from nnkit.datasets import DataDamaged, mnist

SMALL = make_small_mnist()
IMAGES = SMALL.files[0]
RAW = SMALL.content(IMAGES.name)
ZIPPED = SMALL.zipped(IMAGES.name)
STORED = st.sampled_from([RAW, ZIPPED])


def paths(folder):
    return tuple(folder / f"{file.name}.gz" for file in mnist.FILES)


@given(stored=STORED, data=st.data())
def test_a_file_cut_short_anywhere_is_damaged(stored, data):
    cut = data.draw(st.integers(0, len(stored) - 1))
    with pytest.raises(DataDamaged):
        mnist.prove(IMAGES, stored[:cut], "file")


@given(position=st.integers(0, len(RAW) - 1), flip=st.integers(1, 255))
def test_a_raw_file_with_any_byte_altered_is_damaged(position, flip):
    altered = RAW[:position] + bytes([RAW[position] ^ flip]) + RAW[position + 1 :]
    with pytest.raises(DataDamaged):
        mnist.prove(IMAGES, altered, "file")


@given(position=st.integers(0, len(ZIPPED) - 1), flip=st.integers(1, 255))
def test_a_zipped_file_with_any_byte_altered_is_damaged_or_still_says_the_same(position, flip):
    # Some bits do not bear on the content: the time and the system in gzip's header, those that fill its last block.
    altered = ZIPPED[:position] + bytes([ZIPPED[position] ^ flip]) + ZIPPED[position + 1 :]
    try:
        array = mnist.prove(IMAGES, altered, "file").array
    except DataDamaged:
        return
    np.testing.assert_array_equal(array, SMALL.arrays[IMAGES.name])


@given(stored=st.binary(max_size=200))
def test_any_other_bytes_are_damaged(stored):
    for wrapped in (stored, gzip.compress(stored), b"<html>" + stored, RAW + stored + b"\0", ZIPPED + stored + b"\0"):
        with pytest.raises(DataDamaged):
            mnist.prove(IMAGES, wrapped, "file")


def test_another_shape_is_named():
    with pytest.raises(DataDamaged, match=r"shape \(6, 4, 3\), found \(5, 4, 3\)"):
        mnist.prove(IMAGES, idx(np.zeros((5, 4, 3), dtype=np.uint8)), "file")


def test_other_digits_in_the_right_shape_are_refused():
    other = idx(255 - SMALL.arrays[IMAGES.name])
    with pytest.raises(DataDamaged, match=f"SHA-256 {IMAGES.sha256}, found {hashlib.sha256(other).hexdigest()}"):
        mnist.prove(IMAGES, gzip.compress(other), "file")


def test_the_four_files_become_a_data_set(small, tmp_path):
    data = mnist.read(paths(small.write(tmp_path)))
    train, labels, test, test_labels = small.arrays.values()
    assert (data.name, data.is_mnist, data.image_shape) == ("mnist", True, (4, 3))
    assert data.x_train.dtype == data.x_test.dtype == np.float32
    assert data.labels_train.dtype == data.labels_test.dtype == np.int64
    np.testing.assert_array_equal(data.x_train, train.reshape(6, 12).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(data.x_test, test.reshape(3, 12).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(data.labels_train, labels)
    np.testing.assert_array_equal(data.labels_test, test_labels)
    assert str(tmp_path) in data.source


@pytest.mark.parametrize("level", [None, 1, 9])
def test_the_quick_fingerprint_is_that_of_the_data_set(level, small, tmp_path):
    small.write(tmp_path)
    first = paths(tmp_path)[0]
    first.write_bytes(RAW if level is None else gzip.compress(RAW, level, mtime=level))
    assert mnist.quick_fingerprint(paths(tmp_path)) == mnist.read(paths(tmp_path)).fingerprint


def test_zipped_files_are_not_unzipped_for_the_quick_fingerprint(small, tmp_path, monkeypatch):
    files = paths(small.write(tmp_path))
    expected = mnist.read(files).fingerprint
    monkeypatch.delattr(mnist, "unpack")
    assert mnist.quick_fingerprint(files) == expected


def test_the_fingerprint_tells_which_file_holds_what(small, tmp_path):
    """Any one file compressed otherwise gives another fingerprint; the place gives none."""
    files = paths(small.write(tmp_path / "a"))
    seen = {mnist.quick_fingerprint(files), mnist.quick_fingerprint(paths(small.write(tmp_path / "b")))}
    assert len(seen) == 1
    for file, path in zip(mnist.FILES, files, strict=True):
        path.write_bytes(gzip.compress(small.content(file.name), mtime=1))
        seen.add(mnist.quick_fingerprint(files))
        path.write_bytes(small.zipped(file.name))
    assert len(seen) == 5


@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored[:-1],
        lambda stored: b"<html>" + stored,
        lambda stored: gzip.compress(idx(255 - SMALL.arrays[IMAGES.name])),
        lambda stored: b"",
    ],
    ids=["cut short", "web page", "other digits", "empty"],
)
def test_the_quick_fingerprint_is_refused_to_damaged_files(damage, small, tmp_path):
    files = paths(small.write(tmp_path))
    files[0].write_bytes(damage(ZIPPED))
    with pytest.raises(DataDamaged, match=str(files[0])):
        mnist.quick_fingerprint(files)
    with pytest.raises(DataDamaged, match=str(files[0])):
        mnist.read(files)


def test_a_byte_altered_in_the_middle_changes_the_quick_fingerprint(small, tmp_path):
    files = paths(small.write(tmp_path))
    whole = mnist.quick_fingerprint(files)
    middle = len(ZIPPED) // 2
    files[0].write_bytes(ZIPPED[:middle] + bytes([ZIPPED[middle] ^ 1]) + ZIPPED[middle + 1 :])
    assert mnist.quick_fingerprint(files) != whole
    with pytest.raises(DataDamaged):
        mnist.read(files)


def test_an_unreadable_file_is_named(small, tmp_path):
    files = paths(small.write(tmp_path))
    files[2].unlink()
    files[2].mkdir()
    with pytest.raises(DataDamaged, match=f"{files[2]}: expected a readable file"):
        mnist.read(files)


def test_the_description_of_the_real_files_agrees_with_the_public_figures():
    """Names and uncompressed sizes as on the database's own page: 16 or 8 bytes of header, then the entries."""
    sizes = {file.name: file.size for file in mnist.FILES}
    assert sizes == {
        "train-images-idx3-ubyte": 16 + 60_000 * 28 * 28,
        "train-labels-idx1-ubyte": 8 + 60_000,
        "t10k-images-idx3-ubyte": 16 + 10_000 * 28 * 28,
        "t10k-labels-idx1-ubyte": 8 + 10_000,
    }
    assert all(len(file.sha256) == 64 and 0 < file.crc32 < 2**32 for file in mnist.FILES)
    assert all(file.crc32 == zlib.crc32(SMALL.content(file.name)) for file in SMALL.files)
