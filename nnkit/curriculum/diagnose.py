"""From a stage that did not pass to diagnoses: what is wrong, and whether the stage passes once that is mended.

The faults are mended from outside, and the stage runs again. If it fails again, with a fault of its own, that one was
hidden behind the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from nnkit.curriculum.lab import Builder, Lab
from nnkit.curriculum.passages import passages
from nnkit.curriculum.results import CheckResult, Diagnosis, StageResult
from nnkit.curriculum.stage import Stage
from nnkit.diagnosis.catalogue import cause
from nnkit.diagnosis.replay.finding import Finding

#: (stage, builder) -> its result, with the diagnoses of what is found there
RunMended = Callable[[Stage, Builder], StageResult]


@dataclass(frozen=True)
class Diagnosed:
    """diagnoses: in the order in which the faults act. cure: what became of the stage with all of them mended, in a
    sentence; empty where it was not tried."""

    diagnoses: tuple[Diagnosis, ...] = ()
    cure: str = ""


def calls_for_diagnosis(checks: Sequence[CheckResult]) -> bool:
    """Whether something was measured and found wrong, be it harmless."""
    return any(check.status in ("failed", "warning") and not (check.blocked or check.not_checked) for check in checks)


def diagnose(
    lab: Lab, stage: Stage, failed: bool, run_mended: RunMended, files: Mapping[str, str] | None = None
) -> Diagnosed:
    """What is wrong with the network of this lab, as far as it can be proved. files: path to name of its own sources."""
    examination = lab.examine()
    findings = list(examination.findings)
    if failed and not any(f.severity == "error" for f in findings):
        with suppress(Exception):  # a network that cannot be trained so is told by the checks
            findings += lab.bad_start()
    diagnoses = tuple(
        replace(as_diagnosis(finding), lines=passages(finding, examination.build, examination.form_of, files or {}))
        for finding in findings
    )
    mended = examination.mended() if failed else None
    if mended is None:
        return Diagnosed(diagnoses)
    result = run_mended(stage, mended)
    if result.status == "passed":
        return Diagnosed(diagnoses, f"With {_this(diagnoses)} mended from outside, stage {stage.number} passes.")
    if result.status != "failed":
        return Diagnosed(diagnoses)
    told = {diagnosis.cause for diagnosis in diagnoses}
    behind = tuple(diagnosis for diagnosis in result.diagnoses if diagnosis.cause not in told)
    return Diagnosed(
        diagnoses + behind,
        f"With {_this(diagnoses)} mended from outside, stage {stage.number} still does not pass: there is more.",
    )


def _this(diagnoses: Sequence[Diagnosis]) -> str:
    return "this" if sum(diagnosis.severity == "error" for diagnosis in diagnoses) == 1 else "these"


def as_diagnosis(finding: Finding) -> Diagnosis:
    known = cause(finding.cause) if finding.known else None
    return Diagnosis(
        cause=finding.cause,
        where=finding.where(),
        summary=finding.summary,
        proof=finding.proof,
        fix=known.fix if known else "",
        source=known.source if known else "",
        severity=finding.severity,
    )
