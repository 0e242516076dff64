"""What a climb tells whoever watches it. The terminal draws these; a test may collect them in a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.curriculum.stage import Stage


@dataclass(frozen=True)
class StageStarted:
    """`reason`: why it has to run, such as "the seed changed since"."""

    stage: Stage
    reason: str


@dataclass(frozen=True)
class Working:
    """A stage is `done` of `total` parts through the work called `label`."""

    stage: Stage
    label: str
    done: int
    total: int


@dataclass(frozen=True)
class CheckFinished:
    """A check of a stage that goes on has its answer."""

    stage: Stage
    check: CheckResult


@dataclass(frozen=True)
class StageFinished:
    """The verdict on a stage; `ran` is False where its earlier pass still holds."""

    result: StageResult
    ran: bool


Event = StageStarted | Working | CheckFinished | StageFinished
Watch = Callable[[Event], None]


def unwatched(event: Event) -> None:
    """Watch nothing."""
