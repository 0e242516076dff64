"""Writing the pages: what has changed is drawn and written, everything else is left alone.

A page ends with a line that holds the hash of everything it was made from, so the page itself says whether it is up
to date. Drawings are kept beside the pages, see `gallery`. Matplotlib and Jinja2 are imported when something must be
drawn or set, and not before: when nothing has changed, a call costs a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnkit.curriculum.results import StageResult
from nnkit.curriculum.storage import write_atomically
from nnkit.report.digest import digest, report_source
from nnkit.report.gallery import Gallery


def write_pages(
    results: Sequence[StageResult],
    directory: Path,
    *,
    runs: Sequence[Mapping[str, Any]] = (),
    figures: bool = True,
    command: str = "",
) -> None:
    """Write `stage-N.html` for each result, and `index.html`, into `directory`, unless they stand there already.

    results: where every stage of the ladder stands, in order. runs: recent runs, oldest first, with the keys "when",
    "command", "seed", "passed", "stopped_at" and "seconds". command: how to climb, with `{stage}` for the stage's
    number, such as "make stage-{stage}"; the `nnkit run` line that does the same if empty. figures=False draws
    nothing new, for pages that must say at once that they are stale: drawings at hand are shown, others are
    announced.

    Raises CannotWrite; the pages written until then stand, each of them whole.
    """
    folder = Path(directory)
    galleries = [Gallery(result, folder / ".cache") for result in results]
    missing = [[] if figures else gallery.missing() for gallery in galleries]
    ladder = digest(report_source(), command, [_without_evidence(result) for result in results])
    keys = {
        _page(gallery.result): digest(ladder, gallery.result.stage.number, gallery.names, absent)
        for gallery, absent in zip(galleries, missing, strict=True)
    }
    keys["index.html"] = digest(ladder, runs, [gallery.names for gallery in galleries], missing)
    old = [page for page, key in keys.items() if not _is_made_from(folder / page, key)]
    if not old:
        return

    if figures:
        for gallery in galleries:
            gallery.draw()
    from nnkit.report.setting import index_page, stage_page

    for gallery in galleries:
        page = _page(gallery.result)
        if page in old:
            write_atomically(folder / page, stage_page(gallery, results, command) + _last_line(keys[page]))
    if "index.html" in old:
        text = index_page(galleries, runs, command)
        write_atomically(folder / "index.html", text + _last_line(keys["index.html"]))


def _page(result: StageResult) -> str:
    return f"stage-{result.stage.number}.html"


def _without_evidence(result: StageResult) -> StageResult:
    return replace(result, checks=[replace(check, evidence=()) for check in result.checks])


def _last_line(key: str) -> str:
    return f"<!-- made from {key} -->\n"


def _is_made_from(path: Path, key: str) -> bool:
    """Whether the page is there, whole, and made from what has this hash."""
    line = _last_line(key).encode("ascii")
    try:
        with path.open("rb") as stream:
            stream.seek(-len(line), 2)
            return stream.read() == line
    except OSError:  # not there, or shorter than the line
        return False
