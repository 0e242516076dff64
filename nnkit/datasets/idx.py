"""The IDX format, in which MNIST is distributed, read so strictly that a damaged file can never become an array.

An IDX file holds, in this order and with nothing after it:
- two zero bytes; a byte for the type of the entries (8: unsigned byte, the only one MNIST uses); a byte for the number
  of dimensions k: together the magic number;
- k sizes, 4 bytes each, big-endian;
- the entries, the last dimension running fastest.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 8
_GZIP_WBITS = 31  # tells zlib to expect gzip's header and to check gzip's trailer (CRC-32 and length)


class DataDamaged(Exception):
    """A data file is not what it should be: its `path`, what was `expected`, what was `found`, and the `remedy`."""

    def __init__(
        self,
        path: Path | str,
        expected: str,
        found: str,
        remedy: str = "Delete it and run `nnkit data fetch`, or name another directory with --data-dir or NNKIT_DATA.",
    ) -> None:
        super().__init__(path, expected, found, remedy)  # all four, so that it survives pickling between processes
        self.path, self.expected, self.found, self.remedy = path, expected, found, remedy

    @property
    def fact(self) -> str:
        """The message without the advice."""
        return f"{self.path}: expected {self.expected}, found {self.found}"

    def __str__(self) -> str:
        return f"{self.fact}. {self.remedy}"


def unpack(stored: bytes, path: Path | str, size: int) -> bytes:
    """The `size` bytes of content in a stored file: unzipped if it is gzip, by its first bytes and not by its name.

    At most `size` + 1 bytes are unzipped, so a hostile file cannot fill the memory. Content that is not gzip is
    returned as it is, unchecked. Raises DataDamaged where the gzip stream is broken, cut short, followed by other
    bytes, or longer than `size`.
    """
    if not stored.startswith(GZIP_MAGIC):
        return stored
    unzip = zlib.decompressobj(_GZIP_WBITS)
    whole = f"one whole gzip stream of {size:,} bytes"
    try:
        content = unzip.decompress(stored, size + 1)
    except zlib.error as error:
        raise DataDamaged(path, whole, f"a corrupt one (zlib: {error})") from error
    if len(content) > size:
        raise DataDamaged(path, whole, "a longer one")
    if not unzip.eof:
        raise DataDamaged(path, whole, f"one cut short (it ends after {len(content):,} bytes)")
    if unzip.unused_data:
        raise DataDamaged(path, whole, f"{len(unzip.unused_data):,} more bytes after its end")
    return content


def parse_idx(content: bytes, path: Path | str, ndim: int) -> NDArray[np.uint8]:
    """The array of unsigned bytes with `ndim` dimensions in an uncompressed IDX file: a read-only view, no copy.

    `path` serves the message only. Raises DataDamaged unless magic number, dimensions and length all agree.
    """
    header = 4 + 4 * ndim
    if len(content) < header:
        raise DataDamaged(path, f"an IDX header of {header} bytes", f"{len(content)} bytes in all")
    magic = bytes([0, 0, _UNSIGNED_BYTE, ndim])
    if content[:4] != magic:
        page = ", the beginning of a web page" if content[:64].lstrip().startswith(b"<") else ""
        raise DataDamaged(path, f"the IDX magic number {magic.hex()}", f"{content[:4].hex()}{page}")
    shape = struct.unpack(f">{ndim}I", content[4:header])
    sizes = " x ".join(str(n) for n in shape)
    entries = math.prod(shape)
    if entries == 0:  # nothing to learn from; and NumPy refuses 0 x 2**32 x 2**32 with an error of its own
        raise DataDamaged(path, "at least one entry", f"none ({sizes}, says the header)")
    if len(content) - header != entries:
        raise DataDamaged(path, f"{entries:,} entries ({sizes}, says the header)", f"{len(content) - header:,}")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
