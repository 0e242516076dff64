"""Runs of the command `nnkit` one after another, each in a process of its own that has nothing left to import.

A run by itself spends a third of its time on importing. Where many follow one another, a process that has imported what
a run needs, and done nothing since, forks for each: the fork begins where an ordinary process would be half a second
later, and its worker (`isolated`) is a fork of it in turn. Whatever a run does, it does to itself: the process that
forks never runs any of it. Where a system cannot fork, or its libraries do not survive it (macOS, Windows), a run is
started as ever.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

CAN_FORK = sys.platform == "linux"
#: what a run imports sooner or later; by name, since this module lies below most of them
_NEEDED = ("nnkit.cli", "nnkit.isolation.worker", "nnkit.report.figures", "nnkit.report.setting", "mpmath", "psutil")

_LOOK_SECONDS = 0.01  # between two looks at whether the run has ended
_START = "from nnkit.isolation.preloaded import serve; serve()"
#: an nnkit that is imported from where this one is, and no folder of that name
_PYTHON = (sys.executable, "-P")


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit status (negative: killed by a signal; None: stopped after its time), and its errors."""

    status: int | None
    errors: str


class Runs:
    """Runs `nnkit` with the words given, one run at a time. `close` it, or end with it: its processes end as well."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def run(self, words: Sequence[str], limit: float) -> Ended:
        """Run `nnkit words`, and stop it after so many seconds."""
        return self._ask(words, limit) if CAN_FORK else _run(words, limit)

    def close(self) -> None:
        if self._server is not None:
            assert self._server.stdin is not None and self._server.stdout is not None
            with suppress(OSError):
                self._server.stdin.close()
            self._server.wait()
            self._server.stdout.close()
            self._server = None

    def _ask(self, words: Sequence[str], limit: float) -> Ended:
        if self._server is None:
            self._server = subprocess.Popen(
                [*_PYTHON, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        assert self._server.stdin is not None and self._server.stdout is not None
        request = {"words": list(words), "limit": limit, "folder": str(Path.cwd()), "environment": dict(os.environ)}
        try:
            print(json.dumps(request), file=self._server.stdin, flush=True)
            return Ended(**json.loads(self._server.stdout.readline()))
        except (OSError, ValueError):  # somebody killed it
            self.close()
            return _run(words, limit)


def _run(words: Sequence[str], limit: float) -> Ended:
    try:
        ended = subprocess.run(
            [*_PYTHON, "-m", "nnkit", *words],
            capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=limit, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ended(None, "")
    return Ended(ended.returncode, ended.stderr)


def serve() -> None:
    """Answer requests, a line of JSON each, until there are no more."""
    with suppress(KeyboardInterrupt):
        for name in _NEEDED:
            importlib.import_module(name)
        answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        gc.freeze()  # else every fork's first collection would copy all of it
        while line := sys.stdin.readline():
            request = json.loads(line)
            limit = request.pop("limit")
            with tempfile.TemporaryFile() as errors:
                pid = fork(partial(_command, **request), (nothing, nothing, errors.fileno()))
                status = _status(pid, limit)
                errors.seek(0)
                told = errors.read().decode("utf-8", "replace")
            print(json.dumps({"status": status, "errors": told}), file=answers, flush=True)


def _command(words: Sequence[str], folder: str, environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    package = importlib.import_module("nnkit")
    sys.argv[:] = [str(Path(str(package.__file__)).with_name("__main__.py")), *words]
    _has_imported.append(os.getpid())
    importlib.import_module("nnkit.cli").main(words)


def _status(pid: int, limit: float) -> int | None:
    """The exit status of the process, which is killed after its time."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_LOOK_SECONDS)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


#: the number of this process, where it is a fork of one that has imported everything
_has_imported: list[int] = []


def is_ready() -> bool:
    """Whether a fork of this process is as good as a new one that imports nnkit, and quicker: with threads it is not."""
    return os.getpid() in _has_imported and threading.active_count() == 1


class Fork:
    """A copy of this process that does `work` and ends, in a session of its own, with pipes to it: as much of
    `subprocess.Popen` as is needed."""

    def __init__(self, work: Callable[[], Any]) -> None:
        (his_in, to_him), (from_him, his_out), (errors, his_errors) = (os.pipe() for _ in range(3))
        self.pid = fork(work, (his_in, his_out, his_errors), session=True)
        for end in (his_in, his_out, his_errors):
            os.close(end)
        self.stdin = os.fdopen(to_him, "wb")
        self.stdout, self.stderr = os.fdopen(from_him, "rb"), os.fdopen(errors, "rb")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._wait(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int | None:
        if timeout is None:
            return self._wait(0)
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("nnkit", timeout)
            time.sleep(_LOOK_SECONDS)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _wait(self, how: int) -> int | None:
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, how)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def fork(work: Callable[[], Any], streams: Sequence[int], *, session: bool = False) -> int:
    """A copy of this process that does the work and ends; its number. streams: its input, output and errors, the only
    files that it has open.

    What this process would do at its end is not done by it.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    leave = os._exit  # the work may put something in its place
    if pid := os.fork():
        return pid
    status = 1
    try:
        if session:
            os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        # Objects that stand for these are still held by the functions that never return to here, so none is closed twice.
        os.closerange(len(streams), os.sysconf("SC_OPEN_MAX"))
        for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
            new = open(number, mode, buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            setattr(sys, name, new)  # the old one knows of its file what is not true of this one
            setattr(sys, f"__{name}__", new)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        leave(status)
