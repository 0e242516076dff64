"""From a stage that did not pass to diagnoses: what is wrong, and whether it passes once that is mended.

The faults are mended from outside, and the climb goes on with the mended network: the same stage again, and then the ones
after it. Where it stops again, that fault was hidden behind the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from nnkit.curriculum.lab import Builder, Lab
from nnkit.curriculum.passages import passages
from nnkit.curriculum.results import CheckResult, Diagnosis, StageResult
from nnkit.curriculum.stage import Stage
from nnkit.diagnosis.catalogue import cause
from nnkit.diagnosis.experiments import OddStart
from nnkit.diagnosis.formulas import slope_in_code
from nnkit.diagnosis.replay.faults import Examination
from nnkit.diagnosis.replay.finding import Finding

#: seconds of climbing with the mended network after which no further stage is begun: whoever waits wants the name of the
#: fault, which is known by then
PATIENCE = 5.0

#: (stage, the ones after it, builder) -> its result, with the diagnoses of what is found there and behind it
RunMended = Callable[[Stage, Sequence[Stage], Builder], StageResult]


@dataclass(frozen=True)
class Diagnosed:
    """diagnoses: in the order in which they were found, those of one stage as the faults act. cure: what became of the
    climb with all of them mended, in a sentence or two; empty where that was not tried."""

    diagnoses: tuple[Diagnosis, ...] = ()
    cure: str = ""


def calls_for_diagnosis(checks: Sequence[CheckResult]) -> bool:
    """Whether something was measured and found wrong, be it harmless."""
    return any(check.status in ("failed", "warning") and not (check.blocked or check.not_checked) for check in checks)


def diagnose(
    lab: Lab,
    stages: Sequence[Stage],
    run_mended: RunMended,
    *,
    failed: bool,
    files: Mapping[str, str] | None = None,
    mended_before: bool = False,
) -> Iterator[Diagnosed]:
    """What is wrong with the network of this lab, as far as it can be proved; first without a cure, then with more of it
    as the mended network climbs.

    stages: the one that called for it, whether it `failed` or only warns, and those to try after it. files: path to name
    of the network's own sources. mended_before: it is a mended network already.
    """
    examination = lab.examine()
    findings = list(examination.findings)
    mended, again = examination.mended() if failed else None, None
    if not any(finding.severity == "error" for finding in findings) and (failed or not findings):
        with suppress(Exception):  # a network that cannot be started so is told by the checks
            for start, other in lab.other_starts():
                again = run_mended(stages[0], (), other)
                if again.status == "passed" and not calls_for_diagnosis(again.checks):
                    findings.append(_bad_start(start, stages[0], failed))
                    mended = other if failed else None
                    break
    if failed and not findings:
        findings += examination.odd
    diagnoses = tuple(
        replace(
            as_diagnosis(finding, _slope(finding, examination)),
            lines=passages(finding, examination.build, examination.form_of, files or {}),
        )
        for finding in findings
    )
    yield Diagnosed(diagnoses)
    if mended is None:
        return
    this = "this" if sum(diagnosis.severity == "error" for diagnosis in diagnoses) == 1 else "these"
    so_mended = f"With {this} mended {'too' if mended_before else 'from outside'}, "
    passed: list[int] = []
    begin = time.monotonic()
    for at, stage in enumerate(stages):
        if time.monotonic() - begin > PATIENCE:
            if passed:
                yield Diagnosed(diagnoses, f"{so_mended}{_pass(passed)}; the ones after it were not tried.")
            return
        result = again if again is not None and at == 0 else run_mended(stage, stages[at + 1 :], mended)
        if result.status == "passed":
            passed.append(stage.number)
            yield Diagnosed(diagnoses, f"{so_mended}{_pass(passed)}.")
            continue
        if result.status == "failed":
            yield _stopped(diagnoses, so_mended, passed, result)
        return


def _bad_start(start: OddStart, stage: Stage, failed: bool) -> Finding:
    """The stage passes from first weights that are not odd in this way."""
    return Finding(
        start.oddity.cause, "initialisation", f"The first weights are {start.words}.",
        f"Nothing but that was changed, in the layers that have it, and stage {stage.number} "
        f"{'passes' if failed else 'no longer warns'}.",
        start.layer, f"W{start.layer}", "error" if failed else "warning", start.layers,
    )  # fmt: skip


def _stopped(diagnoses: tuple[Diagnosis, ...], so_mended: str, passed: Sequence[int], result: StageResult) -> Diagnosed:
    """The mended network passed these stages, and then this one failed with it."""
    number, told = result.stage.number, {diagnosis.cause for diagnosis in diagnoses}
    behind = tuple(
        replace(diagnosis, behind=diagnosis.behind or number)
        for diagnosis in result.diagnoses
        if diagnosis.cause not in told
    )
    if passed:
        words = f"{so_mended}{_pass(passed)}, and then stage {number} does not."
    else:
        words = f"{so_mended}stage {number} still does not pass: there is more."
    return Diagnosed(diagnoses + behind, " ".join(filter(None, [words, result.cure])))


def _pass(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"stage {numbers[0]} passes"
    return f"stages {numbers[0]} {'and' if len(numbers) == 2 else 'to'} {numbers[-1]} pass"


#: causes that one mends with the slope of an activation
_OF_SLOPE = frozenset(
    {
        "output-derivative-missing", "activation-derivative-missing", "derivative-at-wrong-argument",
        "derivative-of-wrong-function", "derivative-applied-twice", "derivative-of-wrong-layer",
    }
)  # fmt: skip


def _slope(finding: Finding, examination: Examination) -> str:
    """What f'(z) is at the place of this finding, in a sentence; empty where that is beside the point or not known."""
    meant = examination.numbers.meant
    if finding.cause not in _OF_SLOPE or not meant:
        return ""
    (names, *_) = meant.values()
    name = names.output if finding.layer == finding.layers else names.hidden
    code = slope_in_code(name)
    return f" Here f is {name.replace('_', ' ')}: with a = f(z), f'(z) is {code}." if code else ""


def as_diagnosis(finding: Finding, here: str = "") -> Diagnosis:
    """here: what is to be added to the fix of the catalogue in this very network."""
    known = cause(finding.cause) if finding.known else None
    return Diagnosis(
        cause=finding.cause,
        where=finding.where(),
        summary=finding.summary,
        proof=finding.proof,
        fix=known.fix + here if known else "",
        source=known.source if known else "",
        severity=finding.severity,
    )
