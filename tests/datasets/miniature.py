"""A miniature MNIST: four files of the right kind with a few entries each, written independently of the reader."""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnkit.datasets.mnist import MnistFile


def idx(array: np.ndarray) -> bytes:
    """An array of unsigned bytes as an IDX file."""
    return b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@dataclass(frozen=True)
class SmallMnist:
    """The description of the four files, and their contents by name."""

    files: tuple[MnistFile, ...]
    arrays: dict[str, np.ndarray]

    def content(self, name: str) -> bytes:
        return idx(self.arrays[name])

    def zipped(self, name: str) -> bytes:
        return gzip.compress(self.content(name), mtime=0)

    def write(self, folder: Path) -> Path:
        """All four, zipped, under their usual names."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.files:
            (folder / f"{file.name}.gz").write_bytes(self.zipped(file.name))
        return folder


def make_small_mnist() -> SmallMnist:
    rng = np.random.default_rng(0)
    arrays = {
        "train-images-idx3-ubyte": rng.integers(0, 256, (6, 4, 3), dtype=np.uint8),
        "train-labels-idx1-ubyte": rng.integers(0, 10, 6, dtype=np.uint8),
        "t10k-images-idx3-ubyte": rng.integers(0, 256, (3, 4, 3), dtype=np.uint8),
        "t10k-labels-idx1-ubyte": rng.integers(0, 10, 3, dtype=np.uint8),
    }
    files = tuple(
        MnistFile(name, array.shape, hashlib.sha256(idx(array)).hexdigest(), zlib.crc32(idx(array)))
        for name, array in arrays.items()
    )
    return SmallMnist(files, arrays)
