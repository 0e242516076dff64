"""The gallery of faulty networks: does the climb stop each of them, and say what is wrong with it?

The tables of the gallery say what is to be found: the cause, its place, and the stage by which it must show. Each program
climbs in this process or one that joblib provides, through the stages that need no images, without pages. What is found
is compared with the table; what is not fully right is a shortfall.
"""

from __future__ import annotations

import io
import sys
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from nnkit.curriculum import diagnosis_words
from nnkit.curriculum.collect import PACKAGE, collect_stages, default_folder
from nnkit.curriculum.diagnose import as_diagnosis
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.results import Diagnosis
from nnkit.curriculum.run_stage import run_stage
from nnkit.datasets import digits
from nnkit.diagnosis.replay.finding import UNKNOWN
from nnkit.subjects.load import LoadError, locate

T = TypeVar("T")

#: operations of the backward pass, which is one place where a table says no layer
_BACKWARD = frozenset({"delta", "weight-gradient", "bias-gradient", "gradient", "batch"})


@dataclass(frozen=True)
class Program:
    """A faulty network and what its table says of it (gallery/README.md). causes: all ids that are right names, the best
    one first; stage: by which it must be caught; wrong, right: the edit that mends it."""

    area: str
    file: Path
    causes: tuple[str, ...]
    stage: int
    note: str
    wrong: str
    right: str
    layer: int | None = None
    parameter: str | None = None
    operation: str | None = None
    harmless: bool = False

    @property
    def name(self) -> str:
        return f"{self.area}/{self.file.stem}"

    @property
    def where(self) -> dict[str, Any]:
        return {"layer": self.layer, "parameter": self.parameter, "operation": self.operation}

    @property
    def place(self) -> str:
        return diagnosis_words.place_in_words(self.where)

    @property
    def in_words(self) -> str:
        return " or ".join(self.causes) + (f" ({self.place})" if self.place else "")

    def has_place(self, where: Mapping[str, Any]) -> bool:
        """Whether this is the place: the layer and the parameter, as far as the table says them."""
        told = {key: self.where[key] for key in ("layer", "parameter") if self.where[key] is not None}
        return all(where.get(key) == value for key, value in told.items())

    def has_operation(self, where: Mapping[str, Any]) -> bool:
        here, there = self.operation, where.get("operation")
        return here in (None, there) or (here in _BACKWARD and there in _BACKWARD)


@dataclass(frozen=True)
class Found:
    """What a climb with a program came to.

    stopped_at: the stage that did not pass; told_at: the stage whose diagnoses these are, the one it stopped at, else the
    first that warned with a right name, else the last that warned; seconds: from the start of that stage's checks to its
    diagnoses, with the trial of the cure; not_run: why there is nothing to judge.
    """

    program: Program
    stopped_at: int | None = None
    told_at: int | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    seconds: float = 0.0
    not_run: str = ""

    @property
    def stopped_or_told(self) -> int | None:
        return self.told_at if self.program.harmless else self.stopped_at

    @property
    def caught(self) -> bool:
        """In time, and what is harmless without a failure."""
        at = self.stopped_or_told
        return at is not None and at <= self.program.stage and not (self.program.harmless and self.stopped_at)

    @property
    def right_names(self) -> tuple[Diagnosis, ...]:
        return tuple(one for one in self.diagnoses if one.cause in self.program.causes)

    @property
    def named(self) -> bool:
        return bool(self.right_names)

    @property
    def placed(self) -> bool:
        """A cause that is not known may be found in its place all the same."""
        unknown = [one for one in self.diagnoses if one.cause == UNKNOWN and self.program.has_operation(one.where)]
        return any(self.program.has_place(one.where) for one in self.right_names or unknown)

    @property
    def wrong_names(self) -> tuple[str, ...]:
        right = {UNKNOWN, *self.program.causes}
        return tuple(one.cause for one in self.diagnoses if one.severity == "error" and one.cause not in right)

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """In words; none where all is right."""
        if self.not_run:
            return ()
        late = self.stopped_or_told is not None and not (self.program.harmless and self.stopped_at)
        return tuple(
            words
            for words, short in (
                ("late" if late else "stopped" if self.program.harmless and self.stopped_at else "missed", not self.caught),
                ("unnamed", not self.named),
                ("misplaced", not self.placed),
                ("wrong name", bool(self.wrong_names)),
            )
            if short
        )  # fmt: skip

    @property
    def expected_in_words(self) -> str:
        harmless = ", a warning" if self.program.harmless else ""
        return f"{self.program.in_words} by stage {self.program.stage}{harmless}"

    @property
    def found_in_words(self) -> str:
        names = ", ".join(in_short(one) for one in self.diagnoses) or "no diagnosis"
        if self.stopped_at:
            return f"stage {self.stopped_at}: {names}"
        return f"no failure; stage {self.told_at} warns: {names}" if self.told_at else "no failure, no diagnosis"


@dataclass(frozen=True)
class Left:
    """What is said of a program whose cause is not to be known.

    kind: one of LEFT_KINDS; "its own name" is one that was used although it was not to be known.
    """

    program: Program
    kind: str
    diagnoses: tuple[Diagnosis, ...] = ()


LEFT_KINDS = ("unknown, in its place", "unknown, elsewhere", "nothing found", "another name", "its own name")


def default_gallery() -> Path:
    """The gallery that ships: inside an installed package, else beside the package in a checkout."""
    packaged = PACKAGE / "faulty_networks"  # no folder can be called as this module is
    return packaged if packaged.is_dir() else PACKAGE.parent / "gallery"


def read_gallery(folder: Path, areas: Sequence[str] = ()) -> list[Program]:
    """The programs of these areas, or of all, in the order of the tables."""
    return [
        Program(
            area=table.parent.name,
            file=table.parent / f"{name}.py",
            causes=(told["cause"], *told.get("also", ())),
            **{key: told[key] for key in ("stage", "note", "wrong", "right")},
            **{key: told[key] for key in ("layer", "parameter", "operation", "harmless") if key in told},
        )
        for table in sorted(folder.glob("*/expected.toml"))
        if not areas or table.parent.name in areas
        for name, told in tomllib.loads(table.read_text(encoding="utf-8")).items()
    ]


def examine_all(
    ask: Callable[[Program], T], programs: Sequence[Program], jobs: int, done: Callable[[T], None]
) -> list[T]:
    """`ask(program)` for all, several at once, in their order; `done` is called with each as it comes."""
    from joblib import Parallel, delayed

    answers: list[T] = []
    for answer in Parallel(n_jobs=jobs, return_as="generator")(delayed(ask)(program) for program in programs):
        answers.append(answer)
        done(answer)
    return answers


def climb_with(program: Program) -> Found:
    """The stages in order, until one does not pass; a stage with images only where the fault shows no earlier, and then
    on the embedded digits."""
    try:
        with _alone():
            source = locate(str(program.file))
            build = source.load()
            told: Found | None = None
            for stage in collect_stages(default_folder()):
                if stage.uses_data and stage.number > program.stage:
                    break
                result = run_stage(
                    stage, build, source, seed=0, fingerprint={}, dataset=digits.load() if stage.uses_data else None
                )
                stopped = None if result.status == "passed" else stage.number
                found = Found(program, stopped, stage.number, _worst_first(result.diagnoses), result.seconds)
                if stopped:
                    return found
                if result.diagnoses and (told is None or not told.named):
                    told = found
            return told or Found(program)
    except LoadError as error:
        return Found(program, not_run=error.problem)


def leave_out(program: Program) -> Left:
    """What the examination says where the right names are not known to it. Raises LoadError."""
    with _alone(), threadpool_limits(limits=1), np.errstate(all="ignore"):
        lab = Lab(locate(str(program.file)).load(), stage=1)
        examination = lab.examine(without=frozenset(program.causes))
    # As where a stage has failed: what is odd is told where nothing is wrong for certain.
    diagnoses = _worst_first(tuple(map(as_diagnosis, examination.findings or examination.odd)))
    if any(one.cause in program.causes for one in diagnoses):
        kind = "its own name"
    elif any(one.cause != UNKNOWN for one in diagnoses):
        kind = "another name"
    elif not diagnoses:
        kind = "nothing found"
    else:
        at = any(program.has_operation(one.where) and program.has_place(one.where) for one in diagnoses)
        kind = "unknown, in its place" if at else "unknown, elsewhere"
    return Left(program, kind, diagnoses)


@contextmanager
def _alone() -> Iterator[None]:
    """What a program prints and warns of is kept from the terminal, and Python's path is put back."""
    path = list(sys.path)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path[:] = path


def _worst_first(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    return tuple(sorted(diagnoses, key=lambda one: one.severity != "error"))


def in_short(diagnosis: Diagnosis) -> str:
    harmless = "harmless " if diagnosis.severity == "warning" else ""
    return f"{harmless}{diagnosis.cause} ({diagnosis_words.place(diagnosis)})"


@dataclass(frozen=True)
class Tally:
    """How an area did, or all of them. not_run: how many programs could not be run; the others count none of these."""

    area: str
    programs: int
    caught: int
    named: int
    placed: int
    wrong: int
    unknown: int
    median_seconds: float
    most_seconds: float
    not_run: int


def tally(area: str, found: Sequence[Found]) -> Tally:
    judged = [one for one in found if not one.not_run]
    seconds = [one.seconds for one in judged if one.diagnoses]
    return Tally(
        area=area,
        programs=len(judged),
        caught=sum(one.caught for one in judged),
        named=sum(one.named for one in judged),
        placed=sum(one.placed for one in judged),
        wrong=sum(bool(one.wrong_names) for one in judged),
        unknown=sum(not one.named and not one.wrong_names for one in judged),
        median_seconds=median(seconds) if seconds else 0.0,
        most_seconds=max(seconds, default=0.0),
        not_run=len(found) - len(judged),
    )


def tallies(found: Sequence[Found]) -> list[Tally]:
    """One for each area, and one for all together."""
    areas = groupby(found, key=lambda one: one.program.area)
    return [*(tally(area, list(members)) for area, members in areas), tally("all", found)]


def told_tallies(found: Sequence[Found]) -> list[str]:
    """The tallies as a table of text, shares of all programs under it."""
    every = tallies(found)
    lines = [_row("area", "programs", "caught", "cause", "place", "wrong", "unknown", "median", "most")]
    for one in every:
        counts = (one.programs, one.caught, one.named, one.placed, one.wrong, one.unknown)
        lines.append(_row(one.area, *counts, f"{one.median_seconds:.2f} s", f"{one.most_seconds:.2f} s"))
    total = every[-1]
    shares = (total.caught, total.named, total.placed, total.wrong, total.unknown)
    lines.append(_row("", "", *(f"{100 * share / max(total.programs, 1):.1f} %" for share in shares)))
    if total.not_run:
        lines.append(f"{total.not_run} not run: what they import is not installed here")
    return lines


def _row(first: str, *rest: object) -> str:
    return f"{first:<15}" + "".join(f"{cell!s:>10}" for cell in rest)


def told_left(left: Sequence[Left]) -> list[str]:
    """Those that get a name, beside what they are, then how many there are of each kind."""
    lines: list[str] = []
    for one in left:
        if one.kind.endswith("name"):
            lines.append(f"{one.program.name}: {one.kind}")
            lines.append(f"    is:       {one.program.in_words}")
            lines.append(f"    found:    {', '.join(map(in_short, one.diagnoses))}")
    for kind in LEFT_KINDS:
        count = sum(one.kind == kind for one in left)
        lines.append(f"{kind:<22}{count:>5}{100 * count / max(len(left), 1):>7.1f} %")
    return lines
