"""The climb: which stages must run, in which order, and what is on disk at every moment of it.

The rule that orders everything here: the ledger never says more than is known. Before a stage runs, its old record is
turned to stale; when it has run, its result is written; when it did not pass, every later stage is written as blocked
at once. So a run that is killed at any moment leaves true records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nnkit.curriculum.events import CheckFinished, StageFinished, StageStarted, Watch, Working, unwatched
from nnkit.curriculum.execution import Execution, InProcess
from nnkit.curriculum.gate import Ladder
from nnkit.curriculum.lab import ShowProgress
from nnkit.curriculum.ledger import Ledger
from nnkit.curriculum.results import Failure, StageResult, StageStatus
from nnkit.curriculum.stage import Stage
from nnkit.datasets import DataDamaged, MnistUnavailable

_WHAT_HAPPENED = {"error": "raised an error", "blocked": "is blocked", "timeout": "timed out"}


@dataclass(frozen=True)
class Climb:
    """How a climb ended.

    results: where every stage of the ladder now stands; asked: the numbers that were asked for; ran: those that ran;
    no_data: the data could not be had, so the climb could not do what was asked.
    """

    results: Sequence[StageResult]
    asked: Sequence[int]
    ran: Sequence[int]
    no_data: str = ""

    @property
    def stopped_at(self) -> int | None:
        """The first stage asked for that does not hold; a pass out of order is what was asked for, if only that was."""
        asked = (result for result in self.results if result.stage.number in self.asked)
        return next((result.stage.number for result in asked if result.status != "passed"), None)

    @property
    def passed(self) -> bool:
        return self.stopped_at is None


def climb(
    ladder: Ladder,
    ledger: Ledger,
    asked: Sequence[int] | None = None,
    *,
    force: bool = False,
    watch: Watch = unwatched,
    execution: Execution | None = None,
) -> Climb:
    """Run, of the stages asked for by number (default: all), those that have no valid pass; stop at the first failure.

    A stage asked for without those before it runs whatever they are; where they do not hold, its pass is out of order.
    `force` runs what was asked for even where its pass is valid. `execution` says where the stages run (default: in this
    process). A result is stored with the fingerprints of what was
    imported; at the end they are all taken from disk and every record read again, so that what was edited meanwhile
    shows as stale and what is returned holds together. The caller holds the ledger's lock.
    Raises LoadError where the network cannot be imported, CannotWrite where a result cannot be stored.
    """
    stages = [stage for stage in ladder.stages if asked is None or stage.number in asked]
    run = _Run(ladder, ledger, stages, force=force, watch=watch, execution=execution or InProcess())
    for stage in stages:
        if not run.settle(stage):
            break
    # What ran took a while, and somebody may have edited its sources meanwhile.
    fingerprints = ladder.fingerprints() if run.ran else run.fingerprints
    results = ladder.standing(ledger.read_all(), fingerprints)
    return Climb(results, [stage.number for stage in stages], run.ran, run.no_data)


class _Run:
    """One climb under way: what is known of the ladder, and what was loaded because a stage needed it."""

    def __init__(
        self,
        ladder: Ladder,
        ledger: Ledger,
        asked: Sequence[Stage],
        *,
        force: bool,
        watch: Watch,
        execution: Execution,
    ) -> None:
        self.ladder, self.ledger, self.asked = ladder, ledger, asked
        self.force, self.watch, self.execution = force, watch, execution
        self.records = ledger.read_all()
        self.fingerprints = ladder.fingerprints()
        self.ran: list[int] = []
        self.no_data = ""
        self._has_network = self._has_data = False

    def settle(self, stage: Stage) -> bool:
        """Run the stage unless its pass is valid; whether it holds now."""
        try:
            if stage.uses_data:
                self._have_data()
        except (DataDamaged, MnistUnavailable) as error:
            self.no_data = str(error)
            failure = Failure(kind=type(error).__name__, message=str(error))
            self._begin(stage)
            self._conclude(replace(self._without_result(stage, "blocked", "its data cannot be had"), failure=failure))
            return False
        standing = self._standing(stage)
        if not self._must_run(stage):
            self.watch(StageFinished(standing, ran=False))
            return True
        if not self._has_network:
            self.execution.load_network(self.ladder.network)
            self._has_network = True
        self._begin(stage)
        self.watch(StageStarted(stage, "forced" if standing.passed else standing.reason))
        self.ran.append(stage.number)
        result = self.execution.run(
            stage, seed=self.ladder.seed, fingerprint=self._grounds(stage), show=self._show(stage),
            answered=lambda check: self.watch(CheckFinished(stage, check)),
            later=[other for other in self.asked if other.number > stage.number and not other.uses_data],
        )  # fmt: skip
        self._conclude(self._in_order(result))
        return result.status == "passed"

    def _standing(self, stage: Stage) -> StageResult:
        results = self.ladder.standing(self.records, self.fingerprints)
        return next(result for result in results if result.stage.number == stage.number)

    def _must_run(self, stage: Stage) -> bool:
        return self.force or self._standing(stage).status != "passed"

    def _have_data(self) -> None:
        """Load the data before the first stage that uses it, if any stage asked for will.

        Loading may download, and so change what the stages with a valid pass on other data stand on.
        """
        if not self._has_data and any(stage.uses_data and self._must_run(stage) for stage in self.asked):
            self.execution.load_data(self.ladder.data)
            self._has_data = True
            self.fingerprints = self.ladder.with_data_now(self.fingerprints)

    def _begin(self, stage: Stage) -> None:
        """From here until its result is stored, nothing on disk says that the stage passes."""
        if not self.ran:
            for result in self.ladder.standing(self.records, self.fingerprints):
                if not result.passed:
                    self.ledger.withdraw_page(result.stage.number)
        record = self.records.get(stage.number)
        if record is not None:
            self._store(replace(record, status="stale", reason="its last run did not end"))

    def _conclude(self, result: StageResult) -> None:
        """Store the result; if it is no pass, block every later stage."""
        self._store(result)
        self.watch(StageFinished(result, ran=True))
        if result.status == "passed":
            return
        number, what = result.stage.number, _WHAT_HAPPENED.get(result.status, result.status)
        for later in self.ladder.stages:
            if later.number > number:
                self._store(self._without_result(later, "blocked", f"stage {number} {what}"))

    def _in_order(self, result: StageResult) -> StageResult:
        """The result, marked where a stage before it does not hold."""
        before = self.ladder.standing(self.records, self.fingerprints)[: result.stage.number - 1]
        gap = next((earlier.stage.number for earlier in before if not earlier.passed), None)
        if result.status != "passed" or gap is None:
            return result
        reason = f"it ran out of order: stage {gap} before it has no valid pass, so this one does not count yet"
        return replace(result, out_of_order=True, reason=reason)

    def _without_result(self, stage: Stage, status: StageStatus, reason: str) -> StageResult:
        result = self.ladder.without_result(stage, status, reason)
        return replace(result, fingerprint=self._grounds(stage))

    def _grounds(self, stage: Stage) -> dict[str, str]:
        """What a result of this process rests on; `self.fingerprints`, from disk, judge what is stored already."""
        return self.ladder.as_imported(self.fingerprints)[stage.number]

    def _store(self, result: StageResult) -> None:
        self.ledger.write(result)
        self.records[result.stage.number] = result

    def _show(self, stage: Stage) -> ShowProgress:
        return lambda label, done, total: self.watch(Working(stage, label, done, total))
