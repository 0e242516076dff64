"""What the worker's process writes to its standard output and error, kept within bounds, check by check.

A thread reads all of it at once, so that a network that floods never waits for a reader, and neither memory nor disk
fills up: of each check the first and the last 4 kB are kept, the rest is counted. Where one check ends and the next
begins is said in the stream itself, by a mark that the worker writes and nobody else knows.
"""

from __future__ import annotations

import queue
import re
from threading import Thread
from typing import BinaryIO

_KEPT = 4096  # bytes at either end: a screenful of text, about fifty lines
_CHUNK = 65536  # bytes that a pipe holds
_MARK_SECONDS = 2.0  # the mark is in the pipe before it is asked for; only a very busy machine takes a while to read it


class Passage:
    """What was printed during one check: `total` bytes, of which the first and the last are kept."""

    def __init__(self) -> None:
        self._first = bytearray()
        self._last = bytearray()
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = _KEPT - len(self._first)
        self._first += data[:room]
        self._last += data[max(room, 0) :]
        del self._last[:-_KEPT]

    def text(self) -> str:
        """As a terminal would show it: what a carriage return takes back is left out; no control characters."""
        left_out = self.total - len(self._first) - len(self._last)
        gap = f"\n[... {left_out:,} bytes left out ...]\n".encode() if left_out else b""
        text = bytes(self._first + gap + self._last).decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        text = re.sub(r"[^\n]*\r(?=[^\n])", "", text)
        return "".join(c if c.isprintable() or c in "\n\t" else "" if c == "\r" else repr(c)[1:-1] for c in text)


class Printed:
    """Reads `stream` to its end; `mark` ends each passage."""

    def __init__(self, stream: BinaryIO, mark: bytes) -> None:
        self._stream, self._mark = stream, mark
        self._passage = Passage()
        self._ended: queue.SimpleQueue[Passage] = queue.SimpleQueue()
        self._thread = Thread(target=self._read, name="printed", daemon=True)
        self._thread.start()

    def passage(self) -> Passage:
        """What was printed before the next mark."""
        try:
            return self._ended.get(timeout=_MARK_SECONDS)
        except queue.Empty:
            return self._passage

    def rest(self) -> Passage:
        """What was printed since the last mark, once the process has ended."""
        self._thread.join(_MARK_SECONDS)
        return self._passage

    def _read(self) -> None:
        waiting = b""
        while data := self._stream.read1(_CHUNK):  # type: ignore[attr-defined]
            *whole, waiting = (waiting + data).split(self._mark)
            for part in whole:
                self._passage.add(part)
                self._ended.put(self._passage)
                self._passage = Passage()
            sure = max(len(waiting) - len(self._mark) + 1, 0)  # the rest may be the beginning of a mark
            self._passage.add(waiting[:sure])
            waiting = waiting[sure:]
        self._passage.add(waiting)
