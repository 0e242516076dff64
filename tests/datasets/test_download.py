from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest
from mirror import closed_port, send, serving

from nnkit.datasets import DownloadFailed, download, fetch, mnist, verify


@pytest.fixture
def mirror(small):
    """A server with a folder for each kind of mirror."""

    def good(request, name):
        send(request, small.zipped(name))

    def refuses_head(request, name):
        if request.command == "HEAD":
            send(request, b"", status=405)
        else:
            good(request, name)

    def missing(request, name):
        send(request, b"<html>not found</html>", status=404)

    def gone(request, name):
        send(request, b"<html>gone</html>", status=410)

    def page(request, name):
        send(request, b"<html>Sign in to use this network</html>")

    def cut_short(request, name):
        body = small.zipped(name)
        send(request, body[: len(body) // 2], length=len(body))
        request.close_connection = True

    def cut_short_unsaid(request, name):
        body = small.zipped(name)
        send(request, body[: len(body) // 2], length=None)
        request.close_connection = True

    def other_digits(request, name):
        content = small.content(name)
        send(request, gzip.compress(content[:-1] + bytes([content[-1] ^ 1])))

    def unzips(request, name):
        """As servers do that take the file for a page compressed on the way: the client then unzips it."""
        send(request, small.zipped(name), Content_Encoding="gzip")

    def images_only(request, name):
        (good if "images" in name else missing)(request, name)

    answers = [good, refuses_head, missing, gone, page, cut_short, cut_short_unsaid, other_digits, unzips, images_only]
    with serving({answer.__name__: answer for answer in answers}) as server:
        yield server


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "fetched"


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def whole(folder: Path) -> bool:
    """The four files, proved, and nothing else."""
    return [report.status for report in verify(folder)] == ["ok"] * 4 and len(contents(folder)) == 4


@pytest.mark.parametrize("kind", ["good", "refuses_head", "unzips"])
def test_a_mirror_that_serves(kind, mirror, folder):
    files = fetch(folder, [mirror.address(kind)], progress=False)
    assert files == tuple(folder / f"{file.name}.gz" for file in mnist.FILES)
    assert whole(folder)


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_mirrors_address_with_and_without_its_last_slash(slash, mirror, folder):
    fetch(folder, [mirror.address("good").rstrip("/") + slash], progress=False)
    assert whole(folder)


BAD = {
    "missing": "HTTP status 404",
    "page": "web page",
    "cut_short": "IncompleteRead|cut short",  # urllib3 notices from its version 2 on
    "cut_short_unsaid": "cut short",
    "other_digits": "SHA-256",
}


@pytest.mark.parametrize("kind", BAD)
def test_after_a_bad_mirror_the_next_one_is_tried(kind, mirror, folder):
    fetch(folder, [mirror.address(kind), mirror.address("good")], progress=False)
    assert whole(folder)
    assert {folder for folder, _ in mirror.asked} == {kind, "good"}


@pytest.mark.parametrize(("kind", "reason"), BAD.items())
def test_where_all_mirrors_are_bad_the_reason_is_given_and_nothing_is_left(kind, reason, mirror, folder):
    with pytest.raises(DownloadFailed, match=reason) as failure:
        fetch(folder, [mirror.address(kind), mirror.address("gone")], progress=False)
    first, second = failure.value.reasons
    assert first.startswith(mirror.address(kind))
    assert second == f"{mirror.address('gone')}{mnist.FILES[0].name}.gz: HTTP status 410"
    assert contents(folder) == set()


def test_files_already_received_are_kept_and_the_rest_completed_later(mirror, folder):
    with pytest.raises(DownloadFailed, match=r"labels.*404"):
        fetch(folder, [mirror.address("images_only")], progress=False)
    assert contents(folder) == {"train-images-idx3-ubyte.gz"}
    mirror.asked.clear()
    fetch(folder, [mirror.address("images_only"), mirror.address("good")], progress=False)
    assert whole(folder)
    assert [name for kind, name in mirror.asked if kind == "images_only"] == [file.name for file in mnist.FILES[1:]]


def test_a_refused_connection_is_said_and_the_next_mirror_tried(mirror, folder):
    refused = f"http://127.0.0.1:{closed_port()}/"
    fetch(folder, [refused, mirror.address("good")], progress=False)
    assert whole(folder)
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1:\d+: no connection"):
        fetch(folder / "other", [refused], progress=False)
    assert not (folder / "other").exists()


def test_a_mirror_that_never_answers_is_left(mirror, folder, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections are taken, and nothing ever comes
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(download, "_PROBE_SECONDS", 0.2)
        with pytest.raises(DownloadFailed, match=r"no answer (in time|within 0\.2 s)"):
            fetch(folder, [address], progress=False)
        monkeypatch.setattr(download, "_PROBE_SECONDS", 2.0)
        fetch(folder, [address, mirror.address("good")], progress=False)
    assert whole(folder)


def test_a_look_up_of_names_that_hangs_is_not_waited_for(folder, small, monkeypatch):
    released = threading.Event()

    def hang(*_: object, **__: object):
        released.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "no name server answered")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(download, "_PROBE_SECONDS", 0.1)
    before = set(threading.enumerate())
    with pytest.raises(DownloadFailed, match=r"a\.invalid: no answer within 0\.1 s; b\.invalid: no answer"):
        fetch(folder, ["http://a.invalid/", "http://b.invalid/"], progress=False)
    left_behind = set(threading.enumerate()) - before
    assert len(left_behind) == 2
    assert all(thread.daemon for thread in left_behind)  # so that the process may end without them
    released.set()
    for thread in left_behind:
        thread.join()


def test_offline_is_offline(mirror, folder, monkeypatch):
    monkeypatch.setenv("NNKIT_OFFLINE", "1")
    with pytest.raises(DownloadFailed, match="NNKIT_OFFLINE is set"):
        fetch(folder, [mirror.address("good")])
    assert mirror.asked == []
    monkeypatch.setenv("NNKIT_OFFLINE", "0")
    fetch(folder, [mirror.address("good")], progress=False)
    assert whole(folder)
    monkeypatch.setenv("NNKIT_OFFLINE", "1")
    fetch(folder, [mirror.address("good")])  # nothing to download, so nothing to complain of


def test_whole_files_are_left_alone_and_damaged_ones_replaced(small, mirror, folder):
    small.write(folder / "mnist")
    damaged = folder / "mnist" / f"{small.files[2].name}.gz"
    damaged.write_bytes(damaged.read_bytes()[:-3])
    fetch(folder, [mirror.address("good")], progress=False)
    assert mirror.asked == [("good", small.files[2].name)]
    assert whole(folder / "mnist")
    assert contents(folder) == {"mnist"}


def test_the_default_is_the_users_cache(mirror, world, monkeypatch):
    monkeypatch.setattr(download, "MIRRORS", (mirror.address("good"),))
    first = fetch(progress=False)[0]
    assert first.is_relative_to(world)
    assert first.parent == download.cache_directory()


def test_a_folder_that_cannot_be_written(mirror, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DownloadFailed, match=f"cannot write to {tmp_path / 'file' / 'inside'}"):
        fetch(tmp_path / "file" / "inside", [mirror.address("good")], progress=False)


def test_a_full_disk_leaves_no_half_file(mirror, folder, monkeypatch):
    write = Path.write_bytes

    def half(path, stored):
        write(path, stored[: len(stored) // 2])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(DownloadFailed, match="No space left"):
        fetch(folder, [mirror.address("good")], progress=False)
    assert contents(folder) == set()


def test_an_interrupt_while_writing_leaves_no_half_file(mirror, folder, monkeypatch):
    def interrupted(path, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(folder, [mirror.address("good")], progress=False)
    assert contents(folder) == set()


FETCH = """
import json, sys
from nnkit.datasets import download, fetch, mnist
download._PROBE_SECONDS = 30.0
mnist.FILES = tuple(mnist.MnistFile(**{**file, "shape": tuple(file["shape"])}) for file in json.loads(sys.argv[1]))
fetch(sys.argv[2], [sys.argv[3]], progress=False)
"""


def start_fetch(folder: Path, address: str) -> subprocess.Popen[bytes]:
    files = json.dumps([asdict(file) for file in mnist.FILES])
    root = str(Path(mnist.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, files, str(folder), address], env=environment, stderr=subprocess.DEVNULL
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_in_the_middle_of_a_download_no_half_file_is_left(how, small, folder):
    half_sent, killed = threading.Event(), threading.Event()

    def stalls(request, name):
        body = small.zipped(name)
        if request.command == "HEAD" or name != small.files[1].name:
            send(request, body)
            return
        send(request, body[: len(body) // 2], length=len(body))
        half_sent.set()
        killed.wait()

    with serving({"slow": stalls}) as server:
        process = start_fetch(folder, server.address("slow"))
        try:
            assert half_sent.wait(60)
            process.send_signal(how)
            assert process.wait(60) != 0
        finally:
            process.kill()
            process.wait()
            killed.set()
    assert contents(folder) == {f"{small.files[0].name}.gz"}
    assert verify(folder)[0].status == "ok"


def test_two_downloads_at_once_need_no_lock(mirror, folder):
    processes = [start_fetch(folder, mirror.address("good")) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert whole(folder)


def test_progress_is_drawn_on_request_in_plain_characters(mirror, folder, capsys):
    fetch(folder, [mirror.address("cut_short"), mirror.address("good")], progress=True)
    output = capsys.readouterr()
    assert output.out == ""
    assert all(file.name in output.err for file in mnist.FILES)
    visible = output.err.replace("\x1b", "")
    assert visible.isascii()


def test_progress_starts_afresh_with_each_mirror():
    with download._display(True) as new_bar:
        bar = new_bar("file")
        for received in (60, 100):
            bar.total = 100
            bar.update(received)
        (task,) = bar._shown.tasks
        assert (task.completed, task.total) == (100, 100)


def test_without_a_terminal_plain_lines(mirror, folder, capsys):
    fetch(folder, [mirror.address("good")])
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.splitlines() == [f"downloading MNIST: {file.name}" for file in mnist.FILES]
    fetch(folder / "again", [mirror.address("good")], progress=False)
    assert capsys.readouterr() == ("", "")
