"""How a process ended, and where it was: read from its exit code and from what faulthandler wrote for it."""

from __future__ import annotations

import re
import signal
from traceback import FrameSummary

_HEAD = re.compile(r"(Current thread|Thread|Stack)(?: 0x([0-9a-f]+))?.*\(most recent call first\):")
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')
_ACCESS_VIOLATION = 0xC0000005  # the exit code by which Windows tells of a segmentation fault


def how_it_ended(code: int | None) -> str:
    """The end of a process in words; None: it lives, but has closed its connection."""
    if code is None:
        return "it closed its connection to nnkit, or became another program"
    if code == _ACCESS_VIOLATION:
        return "access violation in compiled code"
    if code >= 0:
        return f"the process ended itself with exit code {code}, as os._exit({code}) does"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"killed by signal {-code}"
    words = (signal.strsignal(-code) or "killed").lower()
    memory = "; where memory runs out, the system ends a process so" if name == "SIGKILL" else ""
    return f"{words} ({name}){memory}"


def stack(log: str, main_thread: int) -> list[FrameSummary]:
    """The last stack in the log, the outermost frame first: of the thread that crashed, else of the main thread."""
    found: dict[str, list[FrameSummary]] = {}
    frames: list[FrameSummary] = []
    for line in log.splitlines():
        if head := _HEAD.match(line):
            kind, thread = head.groups()
            frames = []
            found["main" if kind == "Thread" and int(thread, 16) == main_thread else kind] = frames
        elif frame := _FRAME.match(line):
            file, number, name = frame.groups()
            frames.insert(0, FrameSummary(file, int(number), name))
    return next((found[kind] for kind in ("Current thread", "Stack", "main", "Thread") if found.get(kind)), [])


def timed_out(log: str) -> bool:
    """Whether the watchdog ended it."""
    return "\nTimeout (" in f"\n{log}"
