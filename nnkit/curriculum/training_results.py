"""What came out of looking at a training, as plain data: for the page, the terminal and scripts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from nnkit.curriculum.diagnose import as_diagnosis
from nnkit.curriculum.diagnosis_words import title
from nnkit.curriculum.environment import describe_environment
from nnkit.curriculum.evidence import Evidence
from nnkit.curriculum.results import Diagnosis, Failure
from nnkit.curriculum.training_pictures import runs_picture, training_pictures
from nnkit.diagnosis.replay.finding import UNKNOWN
from nnkit.diagnosis.trace import Symptom, Trace
from nnkit.diagnosis.verdict import Cure, Verdict

SCHEMA = 1

#: failed: something is wrong with the training; error: the program raised; timeout, crashed: as for stages
TrainingStatus = Literal["passed", "failed", "error", "timeout", "crashed"]


@dataclass(frozen=True, kw_only=True)
class TrainingCause:
    """A cause and how it was proved. change: what was changed for that; effect: what came of it, in numbers; runs: both
    trainings, to be drawn."""

    diagnosis: Diagnosis
    change: str = ""
    effect: str = ""
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
            how = {"timeout": "did not end in time", "crashed": "ended its process"}.get(self.status, "was not done")
            return f"{self.name} {how}: {self.failure.message.rstrip('.')}."
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


def diagnosed(verdict: Verdict, *, seed: int, started: str) -> TrainingResult:
    """Of a training program that was run and examined."""
    return TrainingResult(
        name=verdict.program,
        status="passed" if verdict.healthy else "failed",
        proving=True,
        symptoms=tuple(verdict.symptoms),
        causes=tuple(_cause(verdict, finding) for finding in verdict.findings),
        went=went(verdict.trace),
        pictures=training_pictures(verdict.trace),
        seed=seed,
        started=started,
        seconds=verdict.seconds,
        environment=describe_environment(),
    )


def _cause(verdict: Verdict, finding: Any) -> TrainingCause:
    cure: Cure | None = verdict.cure_of(finding)
    if cure is None:
        return TrainingCause(diagnosis=as_diagnosis(finding))
    runs, effect = None, ""
    if cure.before is not None and cure.after is not None:
        runs = runs_picture(cure.before, cure.after, cure.change)
        effect = f"{_end(cure.before)} as it is, {_end(cure.after)} with the change"
    return TrainingCause(diagnosis=as_diagnosis(finding), change=cure.change, effect=effect, runs=runs)


def _end(run: Any) -> str:
    return f"score {run.score[-1]:.2f}" if run.score else f"loss {run.loss[-1]:.3g}" if run.loss else "no result"


def went(trace: Trace) -> str:
    """Such as "1,880 steps; loss 2.31 to 0.12; 96.4 % of the answers right (test 95.1 %)"."""
    steps = max([*trace.steps[-1:], len(trace.batch_loss)], default=0)
    words = [f"{steps:,} step{'s' if steps != 1 else ''}"]
    loss = [value for value in (trace.loss or trace.batch_loss) if not math.isnan(value)]
    if loss:
        words.append(f"loss {loss[0]:.3g} to {loss[-1]:.3g}")
        if any(math.isnan(value) for value in (trace.loss or trace.batch_loss)):
            words[-1] += ", and then not a number"
    if trace.accuracy:
        test = f" (test {100 * trace.test_accuracy[-1]:.1f} %)" if trace.test_accuracy else ""
        words.append(f"{100 * trace.accuracy[-1]:.1f} % of the answers right{test}")
    elif trace.score:
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
                "effect": cause.effect,
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
