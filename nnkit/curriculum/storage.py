"""Results and pages on disk: each file is whole at every moment, and what goes wrong is said in words for the user.

There is no fsync: after a power cut a file may be empty, and every reader here takes an unreadable file for a missing
one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnkit.atomic import replacing


class CannotWrite(Exception):
    """A file could not be written; what stood there before still stands. The message says where, why and what to do."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(path, error)
        self.path, self.error = path, error

    def __str__(self) -> str:
        reason = self.error.strerror or str(self.error) or type(self.error).__name__
        return (
            f"cannot write {self.path}: {reason}. What was there before is unchanged. "
            "Make room, or make it writable, or write elsewhere (--reports DIR for the results)."
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError on the way to `path` into CannotWrite."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, error) from error


def write_atomically(path: Path, text: str) -> None:
    """Make `text` the content of `path` (UTF-8, "\\n" ends a line); folders on the way are made.

    Raises CannotWrite; then the old content stands and no temporary file is left. A device or a pipe such as
    /dev/stdout is written to directly: to put a file in its place would take it away from everybody.
    """
    with writing(path):
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            return
        with replacing(path) as stream:
            stream.write(text.encode())
