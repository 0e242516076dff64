from __future__ import annotations

import gzip
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnkit.datasets.idx import DataDamaged, parse_idx, unpack

SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=3)


def zipped(zeros):
    return gzip.compress(bytes(zeros), mtime=0)


def idx(shape, entries):
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + entries


@given(shape=SIZES, data=st.data())
def test_what_was_written_is_read(shape, data):
    entries = data.draw(st.binary(min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    array = parse_idx(idx(shape, entries), "file", ndim=len(shape))
    assert array.shape == tuple(shape)
    assert array.tobytes() == entries


@given(content=st.binary(max_size=40), ndim=st.integers(1, 3))
def test_any_bytes_give_an_array_that_says_the_same_or_are_called_damaged(content, ndim):
    try:
        array = parse_idx(content, "file", ndim)
    except DataDamaged:
        return
    assert idx(array.shape, array.tobytes()) == content


@given(shape=SIZES, data=st.data())
def test_wrong_dimensions_are_refused(shape, data):
    wrong = data.draw(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3))
    length = int(np.prod(shape))
    if len(wrong) == len(shape) and int(np.prod(wrong, dtype=object)) == length:
        return
    with pytest.raises(DataDamaged):
        parse_idx(idx(wrong, bytes(length)), "file", ndim=len(shape))


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2**32 - 1, 2**32 - 1)])
def test_no_entries_are_refused(shape):
    with pytest.raises(DataDamaged, match="at least one entry, found none"):
        parse_idx(idx(shape, b""), "file", ndim=len(shape))


@pytest.mark.parametrize("magic", [b"\0\0\x08\x01", b"\0\0\x0d\x03", b"\0\x08\0\x03", b"\1\0\x08\x03", b"\0\1\x08\x03"])
def test_a_wrong_magic_number_is_refused(magic):
    with pytest.raises(DataDamaged, match=rf"magic number 00000803, found {magic.hex()}"):
        parse_idx(magic + struct.pack(">3I", 1, 1, 1) + b"\0", "file", ndim=3)


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html></html>", b"\n <html><body>Not found</body></html>"])
def test_a_web_page_is_called_one(page):
    with pytest.raises(DataDamaged, match="web page"):
        parse_idx(unpack(page, "file", 100), "file", ndim=3)


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        (zipped(50)[:-1], "cut short"),
        (zipped(50)[:12], "cut short"),
        (zipped(50) + b"more", "4 more bytes"),
        (zipped(51), "a longer one"),
        (zipped(50)[:-8] + bytes(8), "corrupt"),
    ],
    ids=["without its last byte", "without most", "with more behind", "of more content", "with another checksum"],
)
def test_a_broken_gzip_stream_is_refused(stored, found):
    with pytest.raises(DataDamaged, match=found):
        unpack(stored, "file", 50)


def test_a_small_file_cannot_fill_the_memory():
    bomb = zipped(10_000_000)
    tracemalloc.start()
    with pytest.raises(DataDamaged, match="a longer one"):
        unpack(bomb, "file", 50)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000  # a tenth of what is in the bomb


def test_the_array_is_a_view_without_a_copy():
    content = idx((2, 2), b"abcd")
    array = parse_idx(content, "file", ndim=2)
    assert not array.flags.owndata and not array.flags.writeable


def test_the_error_says_what_where_and_what_to_do_and_travels_between_processes():
    damage = DataDamaged("a/b.gz", "this", "that")
    assert str(damage).startswith("a/b.gz: expected this, found that. Delete it and run `nnkit data fetch`")
    assert str(pickle.loads(pickle.dumps(damage))) == str(damage)
