"""What came out of looking at a training, as plain data: for the page, the terminal and scripts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nnkit.curriculum.diagnose import as_diagnosis
from nnkit.curriculum.diagnosis_words import title
from nnkit.curriculum.environment import describe_environment
from nnkit.curriculum.evidence import Evidence
from nnkit.curriculum.results import Diagnosis, Failure
from nnkit.curriculum.training_pictures import histograms_picture, runs_picture, training_pictures
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding
from nnkit.diagnosis.trace import Symptom, Trace

if TYPE_CHECKING:  # whoever reads results needs none of what makes them
    from nnkit.diagnosis.loop import LoopAccount
    from nnkit.diagnosis.verdict import Verdict

SCHEMA = 1

#: failed: something is wrong with the training; error: the program raised; timeout, crashed: as for stages
TrainingStatus = Literal["passed", "failed", "error", "timeout", "crashed"]


@dataclass(frozen=True, kw_only=True)
class TrainingCause:
    """A cause and how it was proved. change: what to change in the program; runs: the training without and with it, to be
    drawn."""

    diagnosis: Diagnosis
    change: str = ""
    runs: Evidence | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """name: of the program, or of what was watched. proving: whether causes were looked for, or nothing but symptoms.

    went: how the training went, in numbers; loop: facts about the loop, label to words; pictures: of the training.
    """

    name: str
    status: TrainingStatus
    proving: bool
    symptoms: Sequence[Symptom] = ()
    causes: Sequence[TrainingCause] = ()
    went: str = ""
    loop: Mapping[str, str] = field(default_factory=dict)
    pictures: Sequence[Evidence] = ()
    failure: Failure | None = None
    seed: int = 0
    started: str = ""
    seconds: float = 0.0
    environment: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    printed_bytes: int = 0

    @property
    def errors(self) -> list[TrainingCause]:
        return [cause for cause in self.causes if cause.diagnosis.severity == "error"]

    @property
    def headline(self) -> str:
        """The verdict in a sentence."""
        if self.failure is not None:
            how = {"timeout": "did not end in time:", "crashed": "ended its process:"}.get(
                self.status, f"raised {self.failure.kind}:"
            )
            return f"{self.name} {how} {self.failure.message.rstrip('.')}."
        proved = [cause for cause in self.errors if cause.diagnosis.cause != UNKNOWN]
        if proved:
            return f"{title(proved[0].diagnosis)}."
        if self.symptoms:
            first = self.symptoms[0].summary.rstrip(".")
            others = len(self.symptoms) - 1
            more = f" (and {others} more symptom{'s' if others > 1 else ''})" if others else ""
            return f"{first}{more}."
        if self.proving:
            return "It trains: no symptom was seen, and no fault in data or loop."
        return "Nothing odd was seen in this training."


def watched(
    trace: Trace, symptoms: Sequence[Symptom], name: str, *, started: str, seconds: float, histograms: Evidence | None
) -> TrainingResult:
    """Of a training that was only watched."""
    return TrainingResult(
        name=name,
        status="failed" if symptoms else "passed",
        proving=False,
        symptoms=tuple(symptoms),
        went=went(trace),
        pictures=(*training_pictures(trace), *([histograms] if histograms else [])),
        started=started,
        seconds=seconds,
        environment=describe_environment(),
    )


def diagnosed(verdict: Verdict, *, name: str, started: str, seed: int = 0) -> TrainingResult:
    """Of a training program that was run and examined."""
    kind, _, message = verdict.loop.error.partition(": ")
    histograms = histograms_picture(verdict.first, verdict.last)
    return TrainingResult(
        name=name,
        status="error" if kind else "passed" if verdict.healthy else "failed",
        proving=True,
        symptoms=tuple(verdict.symptoms),
        causes=tuple(_cause(verdict, finding) for finding in verdict.findings),
        went=went(verdict.trace),
        loop=_in_words(verdict.loop),
        pictures=(*training_pictures(verdict.trace), *([histograms] if histograms else [])),
        failure=Failure(kind=kind, message=message) if kind else None,
        seed=seed,
        started=started,
        seconds=verdict.seconds,
        environment=describe_environment(),
    )


def _cause(verdict: Verdict, finding: Finding) -> TrainingCause:
    cure = verdict.cure_of(finding)
    if cure is None:
        return TrainingCause(diagnosis=as_diagnosis(finding))
    if cure.before is None or cure.after is None:
        return TrainingCause(diagnosis=as_diagnosis(finding), change=cure.change)
    runs = runs_picture(cure.before, cure.after, cure.change)
    return TrainingCause(diagnosis=as_diagnosis(finding), change=cure.change, runs=runs)


def _in_words(loop: LoopAccount) -> dict[str, str]:
    """Facts about the loop, label to words: what is to be seen of it without a judgement."""
    facts = {"Updates": f"{loop.steps:,}{' until it was stopped, for want of time' if loop.cut else ''}"}
    if loop.batch_sizes:
        small, large = min(loop.batch_sizes), max(loop.batch_sizes)
        facts["Rows in a batch"] = f"{small}" if small == large else f"{small} to {large}"
        facts["Epochs"] = f"{loop.epochs:.3g} times through {loop.n:,} rows"
    rates = [rate for rate in loop.rates if math.isfinite(rate)]
    if rates:
        low, high = min(rates), max(rates)
        facts["Learning rate"] = f"{low:g}" if low == high else f"{low:.3g} to {high:.3g}; {rates[-1]:.3g} at the end"
    if loop.known:
        facts["Rows that were used"] = f"{loop.used:.1%} of the training rows"
    if loop.paired == loop.paired:
        facts["Fed with their own target"] = f"{loop.paired:.1%}"
    if loop.test:
        facts["Rows from the test set"] = f"{loop.test:.1%} of all that were trained on"
    if loop.networks > 1:
        facts["Networks trained"] = f"{loop.networks}"
    return facts


def went(trace: Trace) -> str:
    """Such as "1,880 steps; loss 2.31 to 0.12; 96.4 % of the answers right (test 95.1 %)"."""
    steps = max([*trace.steps[-1:], len(trace.batch_loss)], default=0)
    words = [f"{steps:,} step{'s' if steps != 1 else ''}"]
    loss = [value for value in (trace.loss or trace.batch_loss) if not math.isnan(value)]
    if loss:
        words.append(f"loss {loss[0]:.3g} to {loss[-1]:.3g}")
        if any(math.isnan(value) for value in (trace.loss or trace.batch_loss)):
            words[-1] += ", and then not a number"
    if trace.accuracy and math.isfinite(trace.accuracy[-1]):
        test = f" (test {100 * trace.test_accuracy[-1]:.1f} %)" if trace.test_accuracy else ""
        words.append(f"{100 * trace.accuracy[-1]:.1f} % of the answers right{test}")
    elif trace.score and math.isfinite(trace.score[-1]):
        test = f" (test {trace.test_score[-1]:.2f})" if trace.test_score else ""
        words.append(f"score {trace.score[-1]:.2f}{test}")
    return "; ".join(words)


def training_json(result: TrainingResult) -> str:
    """What scripts read: the verdict, without the pictures."""
    content = {
        "schema": SCHEMA,
        "program": result.name,
        "status": result.status,
        "healthy": result.status == "passed",
        "headline": result.headline,
        "symptoms": [_finite(asdict(symptom)) for symptom in result.symptoms],
        "diagnoses": [
            {
                **{key: value for key, value in asdict(cause.diagnosis).items() if key not in ("lines", "behind")},
                "change": cause.change,
            }
            for cause in result.causes
        ],
        "failure": None if result.failure is None else asdict(result.failure),
        "went": result.went,
        "loop": dict(result.loop),
        "seed": result.seed,
        "started": result.started,
        "seconds": round(result.seconds, 3),
        "environment": dict(result.environment),
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN: null stands for what was not measured."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
