"""Setting the pages: results and drawings into HTML by Jinja2 templates.

Everything that comes from a result is escaped; what is marked safe is made in this package: drawings, MathML, style
rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nnkit.curriculum import diagnosis_words
from nnkit.curriculum.evidence import Evidence
from nnkit.curriculum.folders import Listed, ListedTraining
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.training_results import TrainingResult
from nnkit.diagnosis.catalogue import causes
from nnkit.report import numbers, verdict
from nnkit.report.drawing import FIGURE_ID, Drawing, Picture, label_text
from nnkit.report.gallery import Gallery
from nnkit.report.palette import css_variables
from nnkit.report.prose import clean, inline, prose, sentence
from nnkit.report.references import resolve
from nnkit.report.schematic import schematic
from nnkit.report.symbols import SYMBOLS

_TEMPLATES = Path(__file__).parent / "templates"


def stage_page(gallery: Gallery, results: Sequence[StageResult], command: str, above: bool = False) -> str:
    """The page of one stage; its last line, which names what it was made from, is still missing."""
    result = gallery.result
    place = [other.stage.number for other in results].index(result.stage.number)
    following = results[place + 1] if place + 1 < len(results) else None
    sections = [
        {
            "check": check,
            "figures": [_numbered(gallery.figure(name), f"f{c}-{e}-") for e, name in enumerate(gallery.names[c])],
            "id": f"check-{c + 1}",
        }
        for c, check in enumerate(result.checks)
    ]
    order = {id(check): i for i, check in enumerate(verdict.ordered_checks(result))}
    sections.sort(key=lambda section: order[id(section["check"])])
    return _environment().get_template("stage.html.j2").render(
        above=above,
        result=result,
        results=results,
        sections=sections,
        previous=results[place - 1] if place else None,
        following=following,
        next=verdict.next_step(result, results, command),
        again=verdict.command_for(result, command),
        failing=verdict.failing(result),
    )  # fmt: skip


def index_page(
    galleries: Sequence[Gallery],
    runs: Sequence[Mapping[str, Any]],
    command: str,
    networks: Sequence[Listed] = (),
    trainings: Sequence[ListedTraining] = (),
    above: bool = False,
) -> str:
    """The index; its last line is still missing."""
    results = [gallery.result for gallery in galleries]
    following = verdict.next_stage(results)
    return _environment().get_template("index.html.j2").render(
        above=above,
        networks=networks,
        trainings=trainings,
        results=results,
        result=None,
        pictures=[_numbered(gallery.small_picture(), f"s{i}-") for i, gallery in enumerate(galleries)],
        following=following,
        command=verdict.command_for(following or results[-1], command) if results else "",
        latest=max((result for result in results if result.started), key=lambda r: r.started, default=None),
        runs=list(reversed(runs)),
        seen=sorted({verdict.standing(result) for result in results}, key=list(verdict.WORDS).index),
    )  # fmt: skip


def networks_page(networks: Sequence[Listed], trainings: Sequence[ListedTraining] = ()) -> str:
    """The index of a folder in which nnkit's own network never ran; its last line is still missing."""
    return _environment().get_template("networks.html.j2").render(
        above=False, results=[], result=None, networks=networks, trainings=trainings,
    )  # fmt: skip


def causes_page() -> str:
    """The catalogue of causes; its last line is still missing. It says nothing of any climb, so it is always true."""
    areas = groupby(causes().values(), key=lambda cause: cause.area)
    return _environment().get_template("causes.html.j2").render(
        above=False, results=[], result=None, areas=[(area, list(members)) for area, members in areas]
    )  # fmt: skip


def grades_page(grades: Sequence[Any], folder: str, until: int | None) -> str:
    """One table over many networks; each of `grades` has the fields of `nnkit.grading.Grade`."""
    return _environment().get_template("grades.html.j2").render(
        above=False, results=[], result=None, grades=grades, folder=folder, until=until,
        passed=sum(one.status == "passed" for one in grades),
    )  # fmt: skip


def faulty_networks_page(found: Sequence[Any], tallies: Sequence[Any]) -> str:
    """What was found in the gallery beside what is wrong there, by area. found, tallies: of `nnkit.gallery`; links lead
    to `causes.html` beside the page."""
    areas = groupby(found, key=lambda one: one.program.area)
    return _environment().get_template("faulty_networks.html.j2").render(
        above=False, results=[], result=None, areas=[(area, list(members)) for area, members in areas],
        tallies=tallies, total=tallies[-1],
    )  # fmt: skip


def training_page(
    training: TrainingResult,
    figures: Sequence[str],
    proofs: Sequence[str | None],
    *,
    command: str = "",
    above: bool | None = None,
) -> str:
    """The page of one training. figures: its pictures as kept drawings; proofs: one for each cause that has one.
    above: whether the folder above has an index; None for a page that stands alone."""
    return _environment().get_template("training.html.j2").render(
        above=above, results=[], result=None, areas=(), training=training, command=command,
        figures=[_numbered(figure, f"f{i}-") for i, figure in enumerate(figures)],
        proofs=[_numbered(figure, f"p{i}-") for i, figure in enumerate(proofs)],
    )  # fmt: skip


def figure(evidence: Evidence, drawing: Drawing) -> str:
    """A figure with caption, key, words and numbers. Identifiers in it begin with FIGURE_ID."""
    return _environment().get_template("figure.html.j2").render(
        evidence=evidence, drawing=drawing, figure_id=Markup(FIGURE_ID)
    )  # fmt: skip


def small_picture(drawing: Drawing) -> str:
    """The first picture of a drawing, cut to its plotting area, as a whole `<svg>`; empty where there is none."""
    if not drawing.pictures:
        return ""
    picture = drawing.pictures[0]
    box = " ".join(f"{value:.2f}" for value in picture.frame)
    fit = ' preserveAspectRatio="xMidYMid meet"' if picture.cells else ' preserveAspectRatio="none"'
    if picture.frame[0] == 0 and not picture.cells:  # a diagram keeps its shape
        fit = ""
    return f'<svg class="small" viewBox="{box}"{fit} aria-hidden="true">{picture.svg}</svg>'


def _numbered(html: str | None, prefix: str) -> Markup | None:
    """A kept drawing with identifiers of its own on this page."""
    return None if html is None else Markup(html.replace(FIGURE_ID, prefix))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters |= {
        "number": numbers.number,
        "duration": numbers.duration,
        "count": numbers.count,
        "inline": inline,
        "sentence": sentence,
        "prose": prose,
        "svg": _svg,
        "short": lambda text, most=120: label_text(text, most),
        "moment": moment,
        "lower_first": lower_first,
    }
    environment.globals |= {
        "WORDS": verdict.WORDS,
        "MEANINGS": verdict.MEANINGS,
        "SYMBOLS": [(symbol, Markup(symbol.formula)) for symbol in SYMBOLS],
        "STYLE": Markup(css_variables() + (_TEMPLATES / "style.css").read_text(encoding="utf-8")),
        "GLYPHS": Markup((_TEMPLATES / "glyphs.svg").read_text(encoding="utf-8")),
        "standing": verdict.standing,
        "check_standing": verdict.check_standing,
        "shows_failure": verdict.shows_failure,
        "sentence": verdict.sentence,
        "headline": verdict.headline,
        "said": verdict.said,
        "climb_headline": verdict.climb_headline,
        "nothing_measured": verdict.nothing_measured,
        "measured_limit": verdict.measured_limit,
        "margin": lambda check: numbers.margin(check.measured, check.limit, check.relation),
        "relation_words": verdict.relation_words,
        "resolve": resolve,
        "CAUSES": causes(),
        "place": diagnosis_words.place,
        "title_of": diagnosis_words.title,
        "proved": diagnosis_words.proved,
        "schematic": schematic,
    }
    return environment


def _svg(drawn: Picture | str, index: int = 0) -> Markup:
    """The inside of an `<svg>`; the identifiers of the pictures of one figure are told apart by their index."""
    if isinstance(drawn, Picture):
        return Markup(drawn.svg.replace(FIGURE_ID, f"{FIGURE_ID}{index}-"))
    return Markup(drawn)


def moment(started: str) -> str:
    """A point in time as people read it, 2025-11-20 18:56 UTC, from ISO 8601; anything else as it is."""
    try:
        when = datetime.fromisoformat(started)
    except ValueError:
        return started
    return when.strftime("%Y-%m-%d %H:%M") + (" UTC" if when.utcoffset() is not None and not when.utcoffset() else "")


def lower_first(title: str) -> str:
    """A title within a sentence: "analytic gradient checks", but "AND on one neuron"."""
    return title[:1].lower() + title[1:] if title[1:2].islower() or title.startswith("A ") else title
