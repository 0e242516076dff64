"""A report on the four files of MNIST in a directory, as data for a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nnkit.datasets import mnist
from nnkit.datasets.idx import DataDamaged
from nnkit.datasets.places import fullest_folder, places


@dataclass(frozen=True)
class FileReport:
    """What `verify` found of one file.

    `path` is where it lies, or where it was expected; `size` (bytes, as stored) is None where there is none; `sha256`
    is that of the uncompressed content, None unless it is MNIST's; `problem` is empty where status is "ok".
    """

    path: Path
    size: int | None
    status: Literal["ok", "missing", "damaged"]
    sha256: str | None
    problem: str


def verify(directory: Path | str | None = None) -> list[FileReport]:
    """Reports on the four files of a directory, or of the first place to look in that holds any of them.

    Where no place holds any, all four are missing from the cache. Damage is reported, not raised; DataDamaged is raised
    only where the directory may not be looked into.
    """
    for place in places(directory):
        folder, paths = fullest_folder(place.path)
        if any(paths):
            break
    return [_report(file, path, folder) for file, path in zip(mnist.FILES, paths, strict=True)]


def _report(file: mnist.MnistFile, path: Path | None, folder: Path) -> FileReport:
    if path is None:
        return FileReport(folder / f"{file.name}.gz", None, "missing", None, "not there")
    size = None
    try:
        stored = mnist.read_bytes(path)
        size = len(stored)
        return FileReport(path, size, "ok", mnist.prove(file, stored, path).sha256, "")
    except DataDamaged as damage:
        return FileReport(path, size, "damaged", None, f"expected {damage.expected}, found {damage.found}")
