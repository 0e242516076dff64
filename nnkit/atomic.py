"""Writing a file so that it is, at every moment, either the old one or the new one, and never half of either.

What is written goes to a temporary file in the same folder, which then takes the place of the old file in one step
(`os.replace`, on Windows too). A process that is killed on the way leaves the old file as it was, and at most the
temporary one beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file `path` when the block ends; folders on the way are made.

    Where the block ends with an exception, or an OSError comes up, the old content stands and no temporary file is
    left. With `durable` the content reaches the disk first, so that it outlives a power cut, too; that can take as long
    as the disk likes.
    """
    path = path.resolve()  # the file behind a symbolic link is replaced, not the link
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files of processes that were killed while they wrote `path`."""
    path = path.resolve()
    for temporary in path.parent.glob(f".{path.name}.*.tmp"):
        temporary.unlink(missing_ok=True)
