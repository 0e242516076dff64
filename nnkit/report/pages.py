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

from nnkit.curriculum.folders import Listed, ListedTraining
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.storage import write_atomically
from nnkit.report.digest import catalogue_source, digest, report_source
from nnkit.report.gallery import Gallery


def write_pages(
    results: Sequence[StageResult],
    directory: Path,
    *,
    runs: Sequence[Mapping[str, Any]] = (),
    figures: bool = True,
    command: str = "",
) -> None:
    """Write `stage-N.html` for each result, `causes.html` and `index.html` into `directory`, unless they stand there.

    results: where every stage of the ladder stands, in order. runs: recent runs, oldest first, with the keys "when",
    "command", "seed", "passed", "stopped_at" and "seconds". command: how to climb, with `{stage}` for the stage's
    number, such as "make stage-{stage}"; the `nnkit run` line that does the same if empty. figures=False draws
    nothing new, for pages that must say at once that they are stale: drawings at hand are shown, others are
    announced.

    Raises CannotWrite; the pages written until then stand, each of them whole.
    """
    write_stage_pages(results, directory, figures=figures, command=command)
    write_index(results, directory, runs=runs, command=command)


def write_stage_pages(
    results: Sequence[StageResult], directory: Path, *, figures: bool = True, command: str = "", above: bool = False
) -> None:
    """The pages of the stages alone. above: the folder above has a page that lists this network."""
    folder = Path(directory)
    galleries = [Gallery(result, folder / ".cache") for result in results]
    ladder = _ladder(results, command, above)
    keys = {}
    for gallery in galleries:
        absent = [] if figures else gallery.missing()
        keys[_page(gallery.result)] = digest(ladder, gallery.result.stage.number, gallery.names, absent)
    old = [gallery for gallery in galleries if not _is_made_from(folder / (page := _page(gallery.result)), keys[page])]
    if figures:
        for gallery in galleries:
            gallery.draw()
    write_causes(folder)
    if not old:
        return
    from nnkit.report.setting import stage_page

    for gallery in old:
        page = _page(gallery.result)
        write_atomically(folder / page, stage_page(gallery, results, command, above) + _last_line(keys[page]))


def write_index(
    results: Sequence[StageResult],
    directory: Path,
    *,
    runs: Sequence[Mapping[str, Any]] = (),
    command: str = "",
    networks: Sequence[Listed] = (),
    trainings: Sequence[ListedTraining] = (),
    above: bool = False,
) -> None:
    """`index.html` alone, with the drawings at hand. networks, trainings: those that have a folder in this one."""
    folder = Path(directory)
    galleries = [Gallery(result, folder / ".cache") for result in results]
    names = [(gallery.names, gallery.missing()) for gallery in galleries]
    key = digest(_ladder(results, command, above), runs, names, networks, trainings)
    write_causes(folder)
    if _is_made_from(folder / "index.html", key):
        return
    from nnkit.report.setting import index_page

    text = index_page(galleries, runs, command, networks, trainings, above)
    write_atomically(folder / "index.html", text + _last_line(key))


def write_table(directory: Path, networks: Sequence[Listed], trainings: Sequence[ListedTraining] = ()) -> None:
    """`index.html` of a folder that holds nothing but the folders of these networks and training programs."""
    page, key = Path(directory) / "index.html", digest(report_source(), networks, trainings)
    if _is_made_from(page, key):
        return
    from nnkit.report.setting import networks_page

    write_atomically(page, networks_page(networks, trainings) + _last_line(key))


def write_causes(folder: Path) -> None:
    """`causes.html`, which the other pages link to. No result changes it."""
    page, key = folder / "causes.html", digest(report_source(), catalogue_source())
    if _is_made_from(page, key):
        return
    from nnkit.report.setting import causes_page

    write_atomically(page, causes_page() + _last_line(key))


def _ladder(results: Sequence[StageResult], command: str, above: bool) -> str:
    return digest(
        report_source(), catalogue_source(), command, above, [_without_evidence(result) for result in results]
    )


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
