"""MNIST if it can be had, else the digits that ship inside the package; and always a word on which, and why.

Two questions, one answer. `locate_dataset` asks what a run would use, in milliseconds and without a download, so that
the gate can tell whether earlier results still stand; `load_dataset` gives the arrays. For the same files both name
the same fingerprint. They differ in two cases, and in both the results are run again rather than kept: `load_dataset`
downloaded MNIST where there was none (the next look finds it), or MNIST in a place that nobody named has bytes altered
in its middle (`locate_dataset` does not unzip, so it still calls it MNIST, with the fingerprint of the altered file).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nnkit.datasets import digits, mnist
from nnkit.datasets.dataset import Dataset, Name
from nnkit.datasets.download import DownloadFailed, fetch
from nnkit.datasets.places import Search, search


class MnistUnavailable(Exception):
    """MNIST was required and cannot be had; the message says where it was looked for."""


@dataclass(frozen=True)
class Location:
    """Which data set a run would use: name, fingerprint and source as in `Dataset`, and the files it lies in."""

    name: Name
    fingerprint: str
    source: str
    files: tuple[Path, ...]


def locate_dataset(directory: Path | str | None = None, require_mnist: bool = False) -> Location:
    """The data set that `load_dataset` would find on this machine as it is, without unzipping or downloading anything.

    Raises DataDamaged where a directory that the user named (here or by $NNKIT_DATA) does not hold MNIST whole, and
    MnistUnavailable where MNIST is required and nowhere to be found.
    """
    found = search(directory, lambda files: (mnist.quick_fingerprint(files), files))
    if found.result is not None:
        fingerprint, files = found.result
        return Location("mnist", fingerprint, mnist.source_of(files) + found.remark, files)
    absence = _absence(found, "no download tried")
    if require_mnist:
        raise MnistUnavailable(absence)
    return Location("digits", digits.FINGERPRINT, f"{digits.SOURCE} {absence}", (digits.FILE,))


def load_dataset(
    directory: Path | str | None = None, require_mnist: bool = False, allow_download: bool = True
) -> Dataset:
    """MNIST, found or downloaded, else the embedded digits; `source` says which and why.

    A directory that the user named (here or by $NNKIT_DATA) must hold MNIST whole: DataDamaged otherwise, and no
    download. Raises MnistUnavailable where MNIST is required and cannot be had.
    """
    found = search(directory, mnist.read)
    dataset = found.result
    absence = _absence(found, "no download allowed")
    if dataset is None and allow_download:
        try:
            dataset = mnist.read(fetch())
        except DownloadFailed as failure:
            absence = _absence(found, f"download failed: {failure}")
    if dataset is not None:
        return replace(dataset, source=dataset.source + found.remark)
    if require_mnist:
        raise MnistUnavailable(absence)
    stand_in = digits.load()
    return replace(stand_in, source=f"{stand_in.source} {absence}")


def _absence(found: Search[Any], download: str) -> str:
    """The sentences that say why there is no MNIST."""
    looked_in = ", ".join(str(path) for path in found.looked_in)
    return f"MNIST not found: looked in {looked_in}; {download}.{found.remark}"
