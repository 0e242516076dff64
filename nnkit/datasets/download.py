"""MNIST from the internet: several mirrors, proved before it is kept, and quick to give up where there is no network.

A file is received into memory (the largest has 10 MB), proved, written beside its final place and renamed, so nothing
but a whole file ever bears its name, whatever is killed when. Two downloads at once write the same bytes, and renaming
is atomic, so they need no lock.
"""

from __future__ import annotations

import io
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from nnkit.datasets import mnist
from nnkit.datasets.idx import DataDamaged
from nnkit.datasets.places import cache_directory, fullest_folder

if TYPE_CHECKING:
    from rich.progress import Progress

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# Name, connection, TLS and answer take four round trips: time enough at half a second each, and no long wait.
_PROBE_SECONDS = 2.0
# Between two pieces of a body; longer than any pause of a slow line, and still no night lost to a dead one.
_READ_SECONDS = 15.0
_CHUNK_BYTES = 1 << 16


class DownloadFailed(Exception):
    """MNIST could not be downloaded; `reasons` says why, mirror by mirror."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return "; ".join(self.reasons)


def fetch(
    directory: Path | str | None = None, mirrors: Sequence[str] | None = None, progress: bool | None = None
) -> mnist.Files:
    """Put the four files of MNIST, proved, into a directory (default: the user's cache), and return their paths.

    Files there that are whole are left alone, damaged ones replaced. `mirrors` are addresses of folders (default:
    MIRRORS). `progress`: True draws a progress display on standard error, False says nothing, None draws it if that is
    a terminal and else prints plain lines. Raises DownloadFailed where NNKIT_OFFLINE is set, no mirror gave a file, or
    the directory cannot be read and written; files already received are kept.
    """
    place = Path(directory).expanduser() if directory else cache_directory()
    try:
        folder, present = fullest_folder(place)
    except DataDamaged as damage:
        raise DownloadFailed(damage.fact) from damage
    files = {file.name: path for file, path in zip(mnist.FILES, present, strict=True) if path and _is_whole(file, path)}
    wanted = [file for file in mnist.FILES if file.name not in files]
    if wanted:
        if os.environ.get("NNKIT_OFFLINE", "0") not in ("", "0"):
            raise DownloadFailed("NNKIT_OFFLINE is set")
        answering = _answering(MIRRORS if mirrors is None else mirrors)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _display(progress) as new_bar:
                for file in wanted:
                    files[file.name] = folder / f"{file.name}.gz"
                    _save(_receive(file, answering, new_bar(file.name)), files[file.name])
        except OSError as error:
            raise DownloadFailed(f"cannot write to {folder}: {error.strerror or error}") from error
    return tuple(files[file.name] for file in mnist.FILES)


def _is_whole(file: mnist.MnistFile, path: Path) -> bool:
    try:
        mnist.prove(file, mnist.read_bytes(path), path)
    except DataDamaged:
        return False
    return True


def _answering(mirrors: Sequence[str]) -> list[str]:
    """The mirrors that answer, in the order given. Raises DownloadFailed where none does.

    All are asked at once, each in a thread of its own that is left behind if it does not come back: to look up a name
    can take the operating system half a minute where there is no network, and nothing but the process's end can stop
    it.
    """
    import requests  # noqa: F401  pooch would import it inside the threads, at the cost of their time
    from pooch import HTTPDownloader

    problems: dict[str, str] = {}  # empty where the mirror answered, else why it did not

    def ask(mirror: str) -> None:
        try:
            # Any answer will do, a refusal too: some servers have the file, and refuse this kind of question.
            HTTPDownloader(timeout=_PROBE_SECONDS)(_url(mirror, mnist.FILES[-1]), None, None, check_only=True)
            problems[mirror] = ""
        except (OSError, ValueError) as error:
            problems[mirror] = _reason(error)

    threads = [threading.Thread(target=ask, args=(mirror,), daemon=True) for mirror in mirrors]
    deadline = time.monotonic() + _PROBE_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    in_time = {mirror: problems.get(mirror, f"no answer within {_PROBE_SECONDS:g} s") for mirror in mirrors}
    answering = [mirror for mirror, problem in in_time.items() if not problem]
    if not answering:
        raise DownloadFailed(*(f"{urlsplit(mirror).netloc}: {problem}" for mirror, problem in in_time.items()))
    return answering


def _receive(file: mnist.MnistFile, mirrors: Sequence[str], bar: Bar | Literal[False]) -> bytes:
    """One file, proved, as stored by the first mirror that has it. Raises DownloadFailed where none gives it."""
    from pooch import HTTPDownloader

    download = HTTPDownloader(progressbar=bar, chunk_size=_CHUNK_BYTES, timeout=(_PROBE_SECONDS, _READ_SECONDS))
    reasons = []
    for mirror in mirrors:
        url = _url(mirror, file)
        body = io.BytesIO()
        try:
            download(url, body, None)
            mnist.prove(file, body.getvalue(), url)
            return body.getvalue()
        except DataDamaged as damage:
            reasons.append(damage.fact)
        except (OSError, ValueError) as error:  # every exception of requests is an OSError
            reasons.append(f"{url}: {_reason(error)}")
    raise DownloadFailed(*reasons)


def _save(stored: bytes, path: Path) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(stored)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _url(mirror: str, file: mnist.MnistFile) -> str:
    return f"{mirror.rstrip('/')}/{file.name}.gz"


def _reason(error: Exception) -> str:
    """Why a request failed, in few words: requests quotes whole chains of inner exceptions."""
    from requests import ConnectionError, HTTPError, Timeout

    if isinstance(error, HTTPError) and error.response is not None:
        return f"HTTP status {error.response.status_code}"
    if isinstance(error, Timeout):
        return "no answer in time"
    if isinstance(error, ConnectionError):
        return "no connection"
    return f"{type(error).__name__}: {error}"


class Bar(Protocol):
    """What pooch asks of a progress display: it sets the total bytes, then reports pieces."""

    total: int

    def update(self, count: int) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


@contextmanager
def _display(progress: bool | None) -> Iterator[Callable[[str], Bar | Literal[False]]]:
    """Gives what makes a bar for one file (or prints its plain line)."""
    if progress is False:
        yield lambda name: False
    elif progress is None and not sys.stderr.isatty():

        def line(name: str) -> Literal[False]:
            print(f"downloading MNIST: {name}", file=sys.stderr, flush=True)
            return False

        yield line
    else:
        from rich.console import Console
        from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        columns = (TextColumn("downloading MNIST: {task.description}"), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, console=Console(stderr=True)) as shown:
            yield lambda name: _RichBar(shown, name)


class _RichBar:
    """One file's line in a rich progress display."""

    def __init__(self, shown: Progress, name: str) -> None:
        self._shown = shown
        self._task = shown.add_task(name, total=None)
        self._total = 0

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total = total
        self._shown.reset(self._task, total=total or None)  # another mirror may have got half way before

    def update(self, count: int) -> None:
        self._shown.update(self._task, advance=count)

    def reset(self) -> None:
        self._shown.reset(self._task)

    def close(self) -> None:
        """Nothing to do: the line stays."""
