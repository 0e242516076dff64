"""Results: what a climb found out, as plain data.

A `StageResult` is complete: text, numbers and evidence. The ledger stores it, the pages are drawn from it, and
`results.json` is the part of it that scripts read (docs: `nnkit/curriculum/schema.json`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nnkit.curriculum.evidence import Evidence

SCHEMA = 1

#: timeout and crashed: the process that the network ran in gave no answer in time, or ended without one
StageStatus = Literal["passed", "failed", "error", "timeout", "crashed", "blocked", "stale", "not-run"]
CheckStatus = Literal["passed", "warning", "failed"]


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One question that could have been answered no: what was claimed, what was measured, what was required.

    measured and limit are numbers in `unit`; `relation` is "<=" or ">=", so the claim reads `measured relation limit`.
    `because` is the reason for the limit. `message` says what happened, in words, with place and amount on failure.
    """

    name: str
    claim: str
    status: CheckStatus
    measured: float
    limit: float
    relation: Literal["<=", ">="]
    because: str
    message: str
    unit: str = ""
    why: str = ""
    seconds: float = 0.0
    evidence: Sequence[Evidence] = ()
    #: it could not run because something of the network is missing
    blocked: bool = False
    #: it needs a formula that nnkit has not got: a warning, and no fault of the network
    not_checked: bool = False
    #: what the network printed meanwhile, the middle left out where it is long; and how many bytes it was in all
    printed: str = ""
    printed_bytes: int = 0

    @property
    def unanswered(self) -> bool:
        """Whether it ended without an answer: blocked, not checked, or by an exception or the end of the process. Then
        there is no measurement and no limit, and both are NaN."""
        return math.isnan(self.limit)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A function in the network's own files, from its first line to its last, and where it is called.

    line: the one after which the wrong numbers are there for the first time, or of an update, the first that changes
    parameters; None where that is not known. shown: an excerpt of the source, from line `shown_from` on.
    """

    file: str
    function: str
    first: int
    last: int
    line: int | None = None
    called_by: str = ""
    called_at: int | None = None
    shown: Sequence[str] = ()
    shown_from: int = 1


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A cause from the catalogue, its place, the proof, and the fix (design, section 7).

    lines: where in the author's own files to look, the likeliest first; empty where that is not known. behind: the stage
    at which it showed once the ones before it were mended from outside; None for what the network itself shows.
    """

    cause: str
    where: Mapping[str, Any]
    summary: str
    proof: str
    fix: str
    source: str
    severity: Literal["error", "warning"] = "error"
    lines: Sequence[Passage] = ()
    behind: int | None = None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What ended a check without an answer: the first exception of the stage, something missing (kind Blocked), a network
    that did not answer in time (Timeout), or the end of its process (Crash).
    """

    kind: str
    message: str
    check: str = ""
    #: the user's own file and line, such as "my_network.py:31 in gradients", first; empty where not known
    place: str = ""
    traceback: str = ""


@dataclass(frozen=True, kw_only=True)
class StageText:
    """The words of a stage file that its page needs."""

    number: int
    name: str
    title: str
    claim: str
    not_yet: str
    text: str
    hints: Sequence[str]
    references: Sequence[str]
    source: str


@dataclass(frozen=True, kw_only=True)
class StageResult:
    stage: StageText
    status: StageStatus
    network: str
    seed: int
    checks: Sequence[CheckResult] = ()
    diagnoses: Sequence[Diagnosis] = ()
    #: what became of the climb with these faults mended from outside, in words; empty where that was not tried
    cure: str = ""
    failure: Failure | None = None
    #: why it is blocked, stale, not run or out of order, in one sentence
    reason: str = ""
    #: it ran while a stage before it had no valid pass, so its own pass does not count yet
    out_of_order: bool = False
    seconds: float = 0.0
    dataset: str | None = None
    dataset_source: str = ""
    conventions: Mapping[str, Any] = field(default_factory=dict)
    #: name -> short hash of each thing the result rests on (network, stage, nnkit, data, seed, environment)
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    #: versions, BLAS, threads, processor, dtype
    environment: Mapping[str, str] = field(default_factory=dict)
    #: when it ran, ISO 8601 in UTC; empty where it did not
    started: str = ""
    #: the sentence beside the verdict with the headline number, such as "98.3 % of 10,000 test images right"
    headline: str = ""

    @property
    def passed(self) -> bool:
        """Whether it counts as a pass: the stages before it hold too."""
        return self.status == "passed" and not self.out_of_order

    @property
    def how_many_hold(self) -> str:
        """How many of its checks hold, as in "14 of 16 checks hold, 2 not checked"."""
        total = len(self.checks)
        held = sum(check.status == "passed" for check in self.checks)
        warned = sum(check.status == "warning" and not check.not_checked for check in self.checks)
        words = [f"{held} of {total} check{'s' if total != 1 else ''} hold{'s' if total == 1 else ''}"]
        words += [f"{warned} warning{'s' if warned > 1 else ''}"] if warned else []
        words += [f"{self.not_checked} not checked"] if self.not_checked else []
        return ", ".join(words)

    @property
    def not_checked(self) -> int:
        """How many of its checks could not be made, for want of a formula."""
        return sum(check.not_checked for check in self.checks)

    @property
    def failed_claim(self) -> str:
        """The claim of the check that the failure happened in; empty where it happened in none."""
        name = self.failure.check if self.failure else ""
        return next((check.claim for check in self.checks if check.name == name), name)
