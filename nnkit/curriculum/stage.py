"""A stage: one rung of the ladder, written as a file that reads like a page of a lab notebook.

    stage = Stage(number=1, name="and-one-neuron", title="AND on one neuron", ...)

    @stage.check("Hand-set weights compute the truth table of AND")
    def truth_table(lab):
        '''Why it matters, for the page.'''
        ...
        return at_most(largest_error, 1e-6, because="...", message="...", evidence=[...])

A check returns an `Outcome`: a measured number against a limit. Checks run in the order in which they are written.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nnkit.curriculum.evidence import Evidence
from nnkit.curriculum.results import StageText

if TYPE_CHECKING:
    from nnkit.curriculum.lab import Lab


class Blocked(Exception):
    """Raised where a check cannot run because something is missing; the message says what to add. Never a pass."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a check found: `measured relation limit` is the claim. A NaN measurement never satisfies it."""

    measured: float
    limit: float
    relation: Literal["<=", ">="]
    because: str
    message: str
    unit: str = ""
    evidence: Sequence[Evidence] = ()
    #: the words for the verdict line of the page, from the check that carries the stage's main number
    headline: str = ""
    #: a claim that cannot hurt training: named and shown, but it does not stop the climb (unless what it measured is NaN)
    harmless: bool = False

    @property
    def holds(self) -> bool:
        if math.isnan(self.measured):
            return False
        return self.measured <= self.limit if self.relation == "<=" else self.measured >= self.limit


def at_most(
    measured: float,
    limit: float,
    *,
    because: str,
    message: str,
    unit: str = "",
    evidence: Sequence[Evidence] = (),
    headline: str = "",
    harmless: bool = False,
) -> Outcome:
    """The claim `measured <= limit`; `because` is the reason for the limit."""
    return Outcome(
        measured=float(measured), limit=float(limit), relation="<=", because=because, message=message, unit=unit,
        evidence=tuple(evidence), headline=headline, harmless=harmless,
    )  # fmt: skip


def at_least(
    measured: float,
    limit: float,
    *,
    because: str,
    message: str,
    unit: str = "",
    evidence: Sequence[Evidence] = (),
    headline: str = "",
    harmless: bool = False,
) -> Outcome:
    """The claim `measured >= limit`; `because` is the reason for the limit."""
    return Outcome(
        measured=float(measured), limit=float(limit), relation=">=", because=because, message=message, unit=unit,
        evidence=tuple(evidence), headline=headline, harmless=harmless,
    )  # fmt: skip


@dataclass(frozen=True)
class Check:
    """A named question of a stage. `name` is the function's name in kebab-case, `why` its docstring."""

    name: str
    claim: str
    why: str
    run: Callable[[Lab], Outcome]


@dataclass(kw_only=True)
class Stage:
    """One rung: a short text and its checks in order.

    claim: what is proven once it has passed; not_yet: what that does not show; hints: a question, a pointer, the
    explanation; references: ids of the founding documents and papers; uses_data: whether it needs the digit images.
    """

    number: int
    name: str
    title: str
    claim: str
    not_yet: str
    hints: tuple[str, str, str]
    references: tuple[str, ...]
    uses_data: bool = False
    checks: list[Check] = field(default_factory=list)
    #: filled in by the collector: the file, its name for pages, its docstring, and the fingerprint of what was run
    path: Path | None = None
    source: str = ""
    text: str = ""
    fingerprint: str = ""

    def check(self, claim: str) -> Callable[[Callable[[Lab], Outcome]], Callable[[Lab], Outcome]]:
        """Add the decorated function to the stage under this claim."""

        def add(function: Callable[[Lab], Outcome]) -> Callable[[Lab], Outcome]:
            name = function.__name__.strip("_").replace("_", "-")
            self.checks.append(Check(name, claim, inspect.getdoc(function) or "", function))
            return function

        return add

    def words(self) -> StageText:
        return StageText(
            number=self.number, name=self.name, title=self.title, claim=self.claim, not_yet=self.not_yet,
            text=self.text, hints=self.hints, references=self.references, source=self.source,
        )  # fmt: skip
