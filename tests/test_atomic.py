from __future__ import annotations

from pathlib import Path

import pytest

from nnkit.atomic import remove_leftovers, replacing


def write(file: Path, content: bytes, durable: bool = False) -> None:
    with replacing(file, durable=durable) as stream:
        stream.write(content)


@pytest.mark.parametrize("durable", [False, True])
def test_the_file_is_the_old_one_until_the_block_ends(tmp_path: Path, durable: bool) -> None:
    file = tmp_path / "new folder" / "file"
    write(file, b"old", durable)
    with replacing(file, durable=durable) as stream:
        stream.write(b"new" * 100_000)
        stream.flush()
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new" * 100_000
    assert list(file.parent.iterdir()) == [file]


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write(file, b"old")
    with pytest.raises(KeyboardInterrupt), replacing(file) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    file, other = tmp_path / "file", tmp_path / ".file of another.1.tmp"
    for path in (file, other, tmp_path / ".file.17.tmp", tmp_path / ".file.4711.tmp"):
        path.write_bytes(b"")
    remove_leftovers(file)
    assert sorted(tmp_path.iterdir()) == sorted([file, other])
