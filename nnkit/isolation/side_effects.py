"""What a network changes besides itself: it is noticed after each check, named, and put back for the next one.

Only what can spoil somebody's results is told: a folder changed, NumPy told to raise, a global random generator seeded
by a method (each call then draws the same numbers), threads and processes left running. A thread counts only where it
is in the network's own code: libraries keep idle ones, and may.
"""

from __future__ import annotations

import functools
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np


class SideEffects:
    """`files`: path to name of the network's own sources."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._building = False
        self._seeded: list[str] = []  # since the check began
        self._known: set[int | str] = set()  # threads, processes and places that were told of already
        for module, name in ((random, "random"), (np.random, "np.random")):
            module.seed = self._noticing(module.seed, f"{name}.seed")  # type: ignore[attr-defined]

    def builder(self, build: Callable[..., Any]) -> Callable[..., Any]:
        """`build`, which may seed what it likes: it is asked for a certain network."""

        @functools.wraps(build, updated=())
        def built(*args: Any, **options: Any) -> Any:
            self._building = True
            try:
                return build(*args, **options)
            finally:
                self._building = False

        return built

    @contextmanager
    def noticed(self, into: list[str]) -> Iterator[None]:
        """Surrounds one check."""
        folder, errors, streams = _folder(), np.geterr(), (sys.stdin, sys.stdout, sys.stderr)
        self._seeded.clear()
        try:
            yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
            into += self._seeded
            if _folder() != folder:
                into.append(
                    f"the network changed the working directory to {_folder() or 'one that is gone'} (put back)"
                )
                with suppress(OSError):
                    os.chdir(folder)
            if np.geterr() != errors:
                changed = ", ".join(f"{name}={how!r}" for name, how in {**np.geterr()}.items() if how != "ignore")
                into.append(f"the network called np.seterr({changed}) (put back)")
                np.seterr(**errors)
            into += self._threads()
            into += self._processes()

    def _noticing(self, seed: Callable[..., None], name: str) -> Callable[..., None]:
        @functools.wraps(seed)
        def noticing(*args: Any, **options: Any) -> None:
            code, line = sys._getframe(1).f_code, sys._getframe(1).f_lineno
            if not self._building and code.co_filename in self._files and code.co_name != "<module>":
                place = f"{self._files[code.co_filename]}:{line} in {code.co_name}"
                if place not in self._known:
                    self._seeded.append(f"the network calls {name} at {place}: each time, the same numbers are drawn")
                    self._known.add(place)
            seed(*args, **options)

        return noticing

    def _threads(self) -> list[str]:
        told = []
        stacks = sys._current_frames()
        for thread in threading.enumerate():
            frame = stacks.get(thread.ident or 0)
            if thread is threading.current_thread() or thread.ident in self._known:
                continue
            while frame is not None and frame.f_code.co_filename not in self._files:
                frame = frame.f_back
            if frame is not None:
                place = f"{self._files[frame.f_code.co_filename]}:{frame.f_lineno} in {frame.f_code.co_name}"
                told.append(f"the network left a thread running, at {place}")
                self._known.add(thread.ident or 0)
        return told

    def _processes(self) -> list[str]:
        if not _may_have_children():
            return []
        import psutil

        running = []
        with suppress(psutil.Error):
            for child in psutil.Process().children():
                if child.pid not in self._known and child.status() != psutil.STATUS_ZOMBIE:
                    running.append(f"{child.name()}, {child.pid}")
                    self._known.add(child.pid)
        return [f"the network left a process running ({child}; ended with the climb)" for child in running]


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def _may_have_children() -> bool:
    """Quick where the system has a word for it: to look through all processes takes milliseconds."""
    if hasattr(os, "waitid"):
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        except OSError:
            return True
    return True
