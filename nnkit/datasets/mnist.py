"""MNIST: its four files, the proof that they are what they should be, and the arrays in them.

The content is proved by the SHA-256 of the uncompressed IDX, so any spelling of the name and any compression will do.
"""

from __future__ import annotations

import hashlib
import math
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnkit.datasets.dataset import Dataset
from nnkit.datasets.idx import GZIP_MAGIC, DataDamaged, parse_idx, unpack

Files = tuple[Path, ...]  # four paths, in the order of FILES


@dataclass(frozen=True)
class MnistFile:
    """One of the four: its usual name, the shape of its array, and SHA-256 and CRC-32 of the uncompressed content."""

    name: str
    shape: tuple[int, ...]
    sha256: str
    crc32: int

    @property
    def size(self) -> int:
        """Bytes of uncompressed content: header and entries."""
        return 4 + 4 * len(self.shape) + math.prod(self.shape)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names it goes by. Compressed ones first: they are quicker to fingerprint, and what `fetch` writes."""
        other = self.name.replace("-idx", ".idx")
        return (f"{self.name}.gz", self.name, f"{other}.gz", other)


FILES: tuple[MnistFile, ...] = (
    MnistFile(
        name="train-images-idx3-ubyte",
        shape=(60_000, 28, 28),
        sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        crc32=0xE9F4D8B3,
    ),
    MnistFile(
        name="train-labels-idx1-ubyte",
        shape=(60_000,),
        sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        crc32=0xE0CB4AD2,
    ),
    MnistFile(
        name="t10k-images-idx3-ubyte",
        shape=(10_000, 28, 28),
        sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        crc32=0x91373BDF,
    ),
    MnistFile(
        name="t10k-labels-idx1-ubyte",
        shape=(10_000,),
        sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        crc32=0x4AB9EFF9,
    ),
)


@dataclass(frozen=True)
class Content:
    """A proved file: its array (a read-only view), SHA-256 of the content, and SHA-256 of the bytes as stored."""

    array: NDArray[np.uint8]
    sha256: str
    stored_sha256: str


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises DataDamaged where they cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataDamaged(path, "a readable file", error.strerror or str(error)) from error


def prove(file: MnistFile, stored: bytes, path: Path | str) -> Content:
    """The content of the stored bytes of one file. Raises DataDamaged where anything is not as it should be.

    The checksum alone would do; the checks before it say in words what is wrong. `path` serves the messages only.
    """
    content = unpack(stored, path, file.size)
    array = parse_idx(content, path, ndim=len(file.shape))
    if array.shape != file.shape:
        raise DataDamaged(path, f"MNIST's shape {file.shape}", str(array.shape))
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != file.sha256:
        raise DataDamaged(path, f"MNIST, content with SHA-256 {file.sha256}", sha256)
    return Content(array, sha256, sha256 if content is stored else hashlib.sha256(stored).hexdigest())


def quick_fingerprint(files: Files) -> str:
    """The fingerprint that `read` would give these files, without unzipping them.

    A gzip file ends in the CRC-32 and the length of what is in it. Where these are MNIST's, the file is neither cut
    short nor another data set; bytes altered in its middle are left for `read` to find, and change the fingerprint in
    any case. A file without that ending is proved in full. Raises DataDamaged as `read` does, but for such an altered
    middle.
    """
    digests = []
    for file, path in zip(FILES, files, strict=True):
        stored = read_bytes(path)
        if stored.startswith(GZIP_MAGIC) and stored[-8:] == struct.pack("<II", file.crc32, file.size):
            digests.append(hashlib.sha256(stored).hexdigest())
        else:
            digests.append(prove(file, stored, path).stored_sha256)
    return _fingerprint(digests)


def read(files: Files) -> Dataset:
    """MNIST from its four files. Raises DataDamaged for the first of them that is not what it should be."""
    # zlib and hashlib release the interpreter lock, so the other three files cost nothing beside the training images.
    with ThreadPoolExecutor(max_workers=len(FILES)) as pool:
        contents = list(pool.map(lambda file, path: prove(file, read_bytes(path), path), FILES, files))
    train_images, train_labels, test_images, test_labels = (content.array for content in contents)
    return Dataset(
        name="mnist",
        title="MNIST handwritten digits",
        x_train=_scaled(train_images),
        labels_train=train_labels.astype(np.int64),
        x_test=_scaled(test_images),
        labels_test=test_labels.astype(np.int64),
        image_shape=(train_images.shape[1], train_images.shape[2]),
        source=source_of(files),
        fingerprint=_fingerprint([content.stored_sha256 for content in contents]),
    )


def source_of(files: Files) -> str:
    """The sentence that says where these files came from."""
    return f"MNIST (Y. LeCun, C. Cortes, C. J. C. Burges), read from {files[0].parent}."


def _fingerprint(stored_sha256: list[str]) -> str:
    """One SHA-256 (hex) for the four files as stored, in the order of FILES; their names and places play no part."""
    return hashlib.sha256("\n".join(stored_sha256).encode("ascii")).hexdigest()


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Images (n, rows, columns) in 0..255 as rows (n, rows * columns) in [0, 1], in one pass and one allocation."""
    return np.true_divide(images.reshape(len(images), -1), np.float32(255), dtype=np.float32)
