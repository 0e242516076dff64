"""Why a training does not train: what was seen, what is wrong, and the proof, as plain data.

`diagnose(program)` runs the program once under watch, lets the monitors say what they see in that, and then changes one
thing at a time and trains again. What clearly cures the training is the cause; both runs are kept, so that they can be
drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis import clock
from nnkit.diagnosis.attainable import attainable
from nnkit.diagnosis.loop import LoopAccount
from nnkit.diagnosis.monitors import suffers, symptoms
from nnkit.diagnosis.record import Recording, record
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.search import Proof, of_training, silent
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding
from nnkit.diagnosis.runs import Run
from nnkit.diagnosis.trace import Symptom, SymptomName, Trace
from nnkit.diagnosis.values import values_of
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]

#: for all of it; and of these for the training as it is
SECONDS, RECORDING = 18.0, 7.0


@dataclass(frozen=True, eq=False)
class Cure:
    """How a finding was proved: `change` in words, to be made by the author; the training before, and after it.

    after: None where the fact is its own proof (a NaN in row 7), and there was nothing to train again.
    """

    finding: Finding
    change: str
    before: Run | None = None
    after: Run | None = None


@dataclass(eq=False)
class Verdict:
    """trace, loop: what was seen; symptoms: what the monitors say of it, the gravest first; findings: causes, the first of
    them the one to mend first, `unknown` where there are symptoms and nothing could be proved; cures: of the findings that
    an experiment has proved; runs: all trainings that were done, the unchanged one first; first, last: weights and
    activations before the first step and after the last one; seconds: what it took."""

    program: str
    trace: Trace
    loop: LoopAccount
    symptoms: list[Symptom] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    cures: list[Cure] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    first: dict[str, Array] = field(default_factory=dict)
    last: dict[str, Array] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def healthy(self) -> bool:
        return not self.symptoms and not any(finding.severity == "error" for finding in self.findings)

    def cure_of(self, finding: Finding) -> Cure | None:
        return next((cure for cure in self.cures if cure.finding is finding), None)


def diagnose(program: Program, seconds: float = SECONDS, tell: Callable[[str], None] = lambda _: None) -> Verdict:
    """The verdict on this training, within so many seconds. `tell` is told what is being done, in a few words."""
    begin = clock.now()
    tell("training as it is")
    recording = record(program, min(RECORDING, 0.45 * seconds))
    tell("training a plain network on the same data")
    with np.errstate(all="ignore"):
        recording.trace.attainable = attainable(program.x, program.y).score
        seen = symptoms(recording.trace)
        before = _unchanged(recording)
        case = Case(recording, seen, before, begin + seconds)
        tell("looking for the cause")
        proofs, more = explain(case)
    verdict = Verdict(program.name, recording.trace, recording.loop, [*seen, *more], runs=[before, *case.runs])
    for proof in proofs:
        finding = proof.finding()
        verdict.findings.append(finding)
        verdict.cures.append(Cure(finding, proof.suspect.advice or proof.suspect.change, before, proof.after))
    if verdict.symptoms and not proofs:
        verdict.findings.append(
            Finding(UNKNOWN, verdict.symptoms[0].operation or "training", "No single change that was tried cures it.")
        )
    with np.errstate(all="ignore"):
        verdict.first, verdict.last = (values_of(recording, recording.moments[at]) for at in (0, -1))
    verdict.seconds = clock.now() - begin
    return verdict


def explain(case: Case) -> tuple[list[Proof], list[Symptom]]:
    """Proofs, and what is seen besides the training itself: in the loop, in the test data."""
    proofs: list[Proof] = []
    more: list[Symptom] = []
    bad = suffers(case.trace) or case.has("not-finite")
    if bad:
        proofs += of_training(case)
    if case.loop.error:
        more.append(
            Symptom("loop", f"The loop raises {case.loop.error}, after {case.loop.steps} steps.", operation="loop")
        )
    proofs += silent(case, {proof.suspect.cause for proof in proofs}, bad)
    for proof in proofs:
        name: SymptomName | None = {"loop": "loop", "data": "data"}.get(proof.suspect.operation)  # type: ignore[assignment]
        if name is not None:
            more.append(Symptom(name, proof.suspect.evidence, operation=proof.suspect.operation))
    return proofs, more


def _unchanged(recording: Recording) -> Run:
    trace = recording.trace
    return Run("as it is", list(trace.steps), list(trace.loss), list(recording.score), list(recording.test_score))
