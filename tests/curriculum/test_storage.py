from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from nnkit.curriculum.storage import CannotWrite, write_atomically


def test_the_text_is_written_as_it_is_in_utf8(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "file.txt", "a\nb\u00e9\n")
    assert (tmp_path / "new" / "file.txt").read_bytes() == b"a\nb\xc3\xa9\n"


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), PermissionError(13, "denied")])
@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_failure_leaves_the_old_content_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError, step: str
) -> None:
    file = tmp_path / "file.txt"
    write_atomically(file, "old")

    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(Path, step, fail)
    with pytest.raises(CannotWrite, match="unchanged") as caught:
        write_atomically(file, "new")
    monkeypatch.undo()
    assert str(file) in str(caught.value)
    assert str(fault.strerror) in str(caught.value)
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_in_the_middle_of_the_text_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.txt"
    write_atomically(file, "old")
    open_any = Path.open
    monkeypatch.setattr(Path, "open", lambda *_, **__: open_any(Path("/dev/full"), "wb"))
    with pytest.raises(CannotWrite, match="space"):
        write_atomically(file, "new" * 100_000)
    monkeypatch.undo()
    assert file.read_text(encoding="utf-8") == "old"


def test_an_interrupt_leaves_the_old_content_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.txt"
    write_atomically(file, "old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(file, "new")
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text(encoding="utf-8") == "old"


def test_a_parent_that_is_a_file_is_said_to_be_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("", encoding="utf-8")
    with pytest.raises(CannotWrite, match="reports"):
        write_atomically(tmp_path / "reports" / "file.txt", "text")


def test_the_file_behind_a_link_is_replaced_and_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file.txt").write_text("old", encoding="utf-8")
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real" / "file.txt")
    write_atomically(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "file.txt").read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, "text")
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
