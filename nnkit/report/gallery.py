"""The drawings of one stage, kept beside the pages so that each is drawn once.

A drawing is kept under a hash of its evidence and of the code that draws it. A stage has one file,
`.cache/stage-N.json`; when it is written it holds the drawings of the present evidence and no others. A stage that
has no evidence just now (blocked by an earlier one) leaves its file as it is: the evidence most likely comes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TypedDict

from nnkit.curriculum.evidence import Evidence
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.storage import write_atomically
from nnkit.report.digest import digest, report_source

#: kinds that make a good small picture for the index, best first
_SMALL = ("surface", "images", "scatter", "curves", "diagram", "matrices", "histograms", "bars")


class Kept(TypedDict):
    """A drawing as it is kept: the figure as HTML, and its picture alone, small, as SVG (may be empty)."""

    figure: str
    small: str


def name_of(piece: Evidence) -> str:
    return digest(report_source(), piece)


def drawing_of(piece: Evidence) -> Kept:
    from nnkit.report.canvas import drawing_settings
    from nnkit.report.figures import draw
    from nnkit.report.setting import figure, small_picture

    with drawing_settings():
        drawing = draw(piece)
        return {"figure": figure(piece, drawing), "small": small_picture(drawing)}


def kept_in(folder: Path, number: int) -> dict[str, Kept]:
    """Hash to drawing, of those that are kept there for the stage of this number."""
    try:
        kept: dict[str, Kept] = json.loads(_path(folder, number).read_text(encoding="utf-8"))
        if all({"figure", "small"} <= set(entry) for entry in kept.values()):
            return kept
    except (OSError, ValueError, AttributeError, TypeError):
        pass  # never written, or damaged: it is only a copy of what can be drawn again
    return {}


def _path(folder: Path, number: int) -> Path:
    return folder / f"stage-{number}.json"


class Gallery:
    """The drawings of a result. `names[c][e]` is the hash of evidence e of check c."""

    def __init__(self, result: StageResult, folder: Path) -> None:
        self.result = result
        self.names = [[name_of(piece) for piece in check.evidence] for check in result.checks]
        self._path = _path(folder, result.stage.number)

    @cached_property
    def _kept(self) -> dict[str, Kept]:
        return kept_in(self._path.parent, self.result.stage.number)

    def missing(self) -> list[str]:
        """The hashes of evidence that has not been drawn yet."""
        wanted = {name for names in self.names for name in names}
        return sorted(wanted - set(self._kept)) if wanted else []

    def draw(self, drawn: Mapping[str, Kept] | None = None) -> None:
        """Draw what is missing, and keep it. Raises CannotWrite.

        drawn: hash to drawing, of evidence that has been drawn elsewhere.
        """
        missing = set(self.missing())
        if not missing:
            return
        drawn = drawn or {}
        for check, names in zip(self.result.checks, self.names, strict=True):
            for piece, name in zip(check.evidence, names, strict=True):
                if name in missing:
                    self._kept[name] = drawn.get(name) or drawing_of(piece)
                    missing.remove(name)
        for name in set(self._kept) - {name for names in self.names for name in names}:
            del self._kept[name]
        write_atomically(self._path, json.dumps(self._kept, sort_keys=True))

    def figure(self, name: str) -> str | None:
        kept = self._kept.get(name)
        return kept["figure"] if kept else None

    def small_picture(self) -> str:
        """The most telling picture of the stage; empty where there is none."""
        found = [
            (_SMALL.index(piece.kind), place, name)
            for place, (check, names) in enumerate(zip(self.result.checks, self.names, strict=True))
            for piece, name in zip(check.evidence, names, strict=True)
            if piece.kind in _SMALL and name in self._kept and self._kept[name]["small"]
        ]
        return self._kept[min(found)[2]]["small"] if found else ""
