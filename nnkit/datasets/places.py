"""Where MNIST may lie on this machine, and the first place where it does.

A place that the user named must hold MNIST whole: to fall back in silence would be to work on other data than was asked
for. A place that nobody named is passed over, and the result says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from nnkit.datasets import mnist
from nnkit.datasets.idx import DataDamaged

Result = TypeVar("Result")

_ABOVE_PACKAGE = Path(__file__).resolve().parents[2]  # the checkout, unless this is an installed package


@dataclass(frozen=True)
class Place:
    """A directory to look in; `named` where the user asked for it, by argument or by $NNKIT_DATA."""

    path: Path
    named: bool


def cache_directory() -> Path:
    """The user's cache, where downloads go."""
    import pooch

    return Path(pooch.os_cache("nnkit"))


def places(directory: Path | str | None = None) -> Iterator[Place]:
    """Where to look, in order. A place that the user named is the only one: the argument, or else $NNKIT_DATA."""
    named = directory or os.environ.get("NNKIT_DATA")
    if named:
        yield Place(Path(named).expanduser(), named=True)
        return
    unnamed = [Path.cwd() / "data"]
    if (_ABOVE_PACKAGE / "stages").is_dir():
        unnamed = [_ABOVE_PACKAGE / "data", _ABOVE_PACKAGE.parent / "shared" / "data", *unnamed]
    for path in dict.fromkeys(unnamed):
        yield Place(path, named=False)
    yield Place(cache_directory(), named=False)  # on its own at the end: to ask for it costs an import


def fullest_folder(place: Path) -> tuple[Path, tuple[Path | None, ...]]:
    """The folder of a place that holds the most of the four files, and for each of the four its path, or None.

    Looks in the place itself and in the folders inside it that hold MNIST by custom (torchvision's is MNIST/raw).
    Raises DataDamaged where it may not look.
    """
    best: tuple[Path, tuple[Path | None, ...]] = (place, (None,) * len(mnist.FILES))
    try:
        for folder in (place, place / "mnist", place / "MNIST" / "raw"):
            paths = tuple(
                next((folder / name for name in file.spellings if (folder / name).is_file()), None)
                for file in mnist.FILES
            )
            if paths.count(None) < best[1].count(None):
                best = folder, paths
    except OSError as error:
        raise DataDamaged(place, "a readable directory", error.strerror or str(error)) from error
    return best


def files_in(place: Place) -> mnist.Files | None:
    """The four files in a place; None where there are none at all and nobody said that there should be.

    Raises DataDamaged where some are missing, or all of them in a place that the user named.
    """
    folder, paths = fullest_folder(place.path)
    present = tuple(path for path in paths if path is not None)
    if len(present) == len(paths):
        return present
    if not present and not place.named:
        return None
    missing = ", ".join(file.name for file, path in zip(mnist.FILES, paths, strict=True) if path is None)
    raise DataDamaged(
        folder,
        "the four files of MNIST",
        f"no {missing}" if folder.is_dir() else "no such directory",
        "Run `nnkit data fetch`, or name another directory with --data-dir or NNKIT_DATA.",
    )


@dataclass(frozen=True)
class Search(Generic[Result]):
    """What a search came to: its result (None if nothing was found), where it looked, and what it passed over."""

    result: Result | None
    looked_in: tuple[Path, ...]
    passed_over: tuple[str, ...]

    @property
    def remark(self) -> str:
        """The damaged files that were passed over, as sentences to put behind another; empty where there were none."""
        return "".join(f" Passed over {fact}." for fact in self.passed_over)


def search(directory: Path | str | None, examine: Callable[[mnist.Files], Result]) -> Search[Result]:
    """What `examine` makes of the first place whose files it accepts; it refuses files by raising DataDamaged.

    Raises DataDamaged where a place that the user named holds no MNIST, or a damaged one.
    """
    looked_in: list[Path] = []
    passed_over: list[str] = []
    for place in places(directory):
        looked_in.append(place.path)
        try:
            files = files_in(place)
            if files is not None:
                return Search(examine(files), tuple(looked_in), tuple(passed_over))
        except DataDamaged as damage:
            if place.named:
                raise
            passed_over.append(damage.fact)
    return Search(None, tuple(looked_in), tuple(passed_over))
