"""The gate: is an old pass still a pass?

A result rests on the network's source, the stage's source, nnkit's own source, the data, the seed and the environment.
Each has a fingerprint, stored with the result. A pass is valid while all of them are as they were and the stage before
has a valid pass; so a stage whose grounds did not change need not run again because the one before it did.

What can change a drawing but no number (the report, the terminal) has no part in nnkit's fingerprint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nnkit.curriculum.collect import PACKAGE
from nnkit.curriculum.data import Data
from nnkit.curriculum.environment import numeric_environment
from nnkit.curriculum.results import StageResult, StageStatus
from nnkit.curriculum.stage import Stage
from nnkit.subjects.load import NetworkSource
from nnkit.subjects.source_files import fingerprint, local_modules

#: what a result rests on, in the words of the page
GROUNDS: Mapping[str, str] = {
    "network": "the network's source",
    "stage": "this stage's source",
    "nnkit": "nnkit's own source",
    "data": "the data set",
    "seed": "the seed",
    "environment": "the environment (Python, NumPy, BLAS or platform)",
}
#: parts of nnkit that only show results, and the stages, which have fingerprints of their own
_NOT_RESTED_ON = frozenset(
    {
        "report", "stages", "examples", "faulty_networks", "cli.py", "challenge.py", "gallery.py", "grading.py", "testing.py",
        "site.py", "terminal.py", "__main__.py",
    }
)  # fmt: skip
#: statuses of a stage that keep the stages after it from running
STOPPED = frozenset({"failed", "error", "timeout", "crashed", "blocked"})


@dataclass(frozen=True)
class Ladder:
    """The stages, and everything that their results rest on."""

    stages: Sequence[Stage]
    network: NetworkSource
    seed: int = 0
    data: Data = field(default_factory=Data)
    package: Path = PACKAGE
    #: nnkit's own source as it was when the ladder was made: what this process imported, and will run
    nnkit_imported: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nnkit_imported", short_hash(nnkit_fingerprint(self.package)))

    def fingerprints(self) -> dict[int, dict[str, str]]:
        """Stage number to (ground to short hash), read from disk now. Raises LoadError where the network is gone."""
        common = {
            "network": short_hash(self.network.fingerprint()),
            "nnkit": short_hash(nnkit_fingerprint(self.package)),
            "seed": str(self.seed),
            "environment": short_hash(repr(numeric_environment())),
        }
        data = {"data": short_hash(self.data.fingerprint())} if any(stage.uses_data for stage in self.stages) else {}
        return {
            stage.number: common | {"stage": short_hash(_stage_fingerprint(stage))} | (data if stage.uses_data else {})
            for stage in self.stages
        }

    def as_imported(self, fingerprints: Mapping[int, Mapping[str, str]]) -> dict[int, dict[str, str]]:
        """The same, but for stages and nnkit as they were when imported: what a result of this process rests on.

        The disk may say otherwise by now, above all where the climb had to wait for another one to end.
        """
        imported = {stage.number: short_hash(stage.fingerprint) for stage in self.stages}
        return {n: {**now, "nnkit": self.nnkit_imported, "stage": imported[n]} for n, now in fingerprints.items()}

    def with_data_now(self, fingerprints: Mapping[int, Mapping[str, str]]) -> dict[int, dict[str, str]]:
        """The same fingerprints but for the data's, which is taken anew: loading it may have downloaded another set."""
        now = short_hash(self.data.fingerprint())
        return {n: {**old, "data": now} if "data" in old else dict(old) for n, old in fingerprints.items()}

    def standing(
        self, records: Mapping[int, StageResult], fingerprints: Mapping[int, Mapping[str, str]]
    ) -> list[StageResult]:
        """Where each stage stands: its record, or why that no longer holds. One result a stage, in order."""
        results: list[StageResult] = []
        for stage in self.stages:
            record = records.get(stage.number)
            if record is None:
                results.append(self.without_result(stage, "not-run", "it has not run yet"))
            else:
                results.append(self._judge(stage, record, fingerprints[stage.number], results))
        return results

    def without_result(self, stage: Stage, status: StageStatus, reason: str) -> StageResult:
        """A result that says only why there is none."""
        return StageResult(stage=stage.words(), status=status, network=self.network.name, seed=self.seed, reason=reason)

    def _judge(
        self, stage: Stage, record: StageResult, now: Mapping[str, str], before: Sequence[StageResult]
    ) -> StageResult:
        if record.status == "blocked" and record.failure is None:  # by another stage
            if any(result.status in STOPPED for result in before):
                return record
            return self.without_result(stage, "not-run", "it has not run yet: the last climb stopped before it")
        if grounds := changed_grounds(record.fingerprint, now):
            # It may be the record of another ladder's stage of this number; the title at least is to be this one's.
            return replace(record, stage=stage.words(), status="stale", reason=f"{_and(grounds)} changed since")
        if stage.uses_data and self.data.require_mnist and record.dataset == "digits":
            return replace(record, status="stale", reason="MNIST is required, and it ran on the embedded digits")
        gap = next((result for result in before if not result.passed), None)
        if gap is None:
            return replace(record, out_of_order=False, reason="") if record.out_of_order else record
        if record.status != "passed" or record.out_of_order:
            return record
        return replace(record, status="stale", reason=f"stage {gap.stage.number} before it has no valid pass")


def changed_grounds(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What differs between two fingerprints of one stage, in words."""
    return [words for name, words in GROUNDS.items() if old.get(name) != new.get(name)]


def nnkit_fingerprint(package: Path) -> str:
    """SHA-256 (hex) of every .py file of the package that a result can rest on."""
    files = {
        str(path.relative_to(package)): path
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] not in _NOT_RESTED_ON
    }
    return fingerprint(files)


def short_hash(text: str) -> str:
    """16 hex digits of SHA-256: nobody forges these, and chance does not meet 64 bits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stage_fingerprint(stage: Stage) -> str:
    if stage.path is None:  # a stage made by hand, not collected from a file, has no source to change
        return ""
    try:
        return fingerprint(local_modules(stage.path, stage.path.parent))
    except OSError:  # removed since it was collected: what it was is no more
        return "gone"


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
