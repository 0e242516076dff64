"""Running one stage: its checks in order, each to an answer, whatever the network under test does."""

from __future__ import annotations

import functools
import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from nnkit.curriculum.diagnose import calls_for_diagnosis, diagnose
from nnkit.curriculum.environment import describe_environment
from nnkit.curriculum.failures import describe
from nnkit.curriculum.lab import Builder, Lab, ShowProgress
from nnkit.curriculum.results import CheckResult, Failure, StageResult, StageStatus
from nnkit.curriculum.stage import Check, Outcome, Stage
from nnkit.datasets import Dataset
from nnkit.diagnosis.formulas import NotRead
from nnkit.subjects.load import NetworkSource

#: the kind of what keeps a check from being made, where it is nnkit that lacks something
NOT_CHECKED = "NotChecked"
_WITHOUT_RUNNING = {"Blocked": "cannot run", NOT_CHECKED: "not checked"}
#: how often the faults that were found are mended from outside, and the stage run again to see what is behind them
MOST_MENDED = 2


class Attendant:
    """Whoever stands beside the checks of a stage while they run; this one does nothing."""

    #: what a network may raise without ending more than the check; all else goes on its way out
    caught: tuple[type[BaseException], ...] = (Exception, SystemExit)

    def beside(self, check: Check, so_far: StageResult, noticed: list[str]) -> AbstractContextManager[None]:
        """Surrounds one check; what the network did besides, such as changing the folder, is added to `noticed`."""
        return nullcontext()

    def answered(self, result: CheckResult) -> None:
        """Told of each check's result."""

    def diagnosing(self, so_far: StageResult) -> AbstractContextManager[None]:
        """Surrounds what comes after the last check, if it is asked what is wrong."""
        return nullcontext()


def run_stage(
    stage: Stage,
    build: Builder,
    network: NetworkSource,
    *,
    seed: int,
    fingerprint: Mapping[str, str],
    dataset: Dataset | None = None,
    show: ShowProgress | None = None,
    attendant: Attendant | None = None,
    later: Sequence[Stage] = (),
    mended_before: int = 0,
) -> StageResult:
    """Run the checks of `stage` on networks made by `build`; an exception becomes part of the result.

    One failure does not hide the next: the remaining checks run too, unless the network could not even be built. What
    does not hold is diagnosed, and tried again with the faults mended, as are the stages `later`, which need no data;
    mended_before: how often that was done already.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    begin = time.perf_counter()
    builder = _Watched(build)
    lab = Lab(
        builder.as_function(),
        stage=stage.number,
        seed=seed,
        load_data=None if dataset is None else lambda: dataset,
        show=show,
    )
    checks: list[CheckResult] = []
    failures: list[Failure] = []
    headline = ""

    def so_far() -> StageResult:
        environment = {**describe_environment(), "threads": str(threads), "dtype": ", ".join(sorted(builder.dtypes))}
        return StageResult(
            stage=stage.words(),
            status=_status(checks, failures),
            network=network.name,
            seed=seed,
            checks=tuple(checks),
            failure=_first(failures),
            seconds=time.perf_counter() - begin,
            dataset=None if dataset is None else dataset.name,
            dataset_source="" if dataset is None else dataset.source,
            conventions=dict(lab.how_read),
            fingerprint=dict(fingerprint),
            environment=environment,
            started=started,
            headline=headline,
        )

    attendant = attendant or Attendant()
    # One thread: with matrices of this size a second one gains nothing on quiet cores (784-256-10, batch 128: a quarter
    # less time), and on busy ones the threads wait for each other: measured up to ten times slower. It also makes the
    # digits of a result the same on every number of cores.
    with threadpool_limits(limits=1):
        threads = max((pool["num_threads"] for pool in threadpool_info()), default=1)
        for check in stage.checks:
            before = time.perf_counter()
            noticed: list[str] = []
            unbuilt = False
            try:
                outcome = _ask(check, lab, attendant.beside(check, so_far(), noticed))
            except NotRead as lack:
                lacking = Failure(kind=NOT_CHECKED, message=str(lack), check=check.name)  # and no failure of the stage
                result = unanswered(check, lacking, time.perf_counter() - before)
            except attendant.caught as error:
                failure = describe(error, check.name, stage, network)
                failures.append(failure)
                result = unanswered(check, failure, time.perf_counter() - before)
                unbuilt = error is builder.error
            else:
                headline = outcome.headline or headline
                result = _answered(check, outcome, time.perf_counter() - before)
            checks.append(_with_noticed(result, noticed))
            attendant.answered(checks[-1])
            if unbuilt:
                break
        told = so_far()
        if not calls_for_diagnosis(checks) or mended_before > MOST_MENDED:
            return told

        def run_mended(stage: Stage, later: Sequence[Stage], mended: Builder) -> StageResult:
            return run_stage(
                stage, mended, network, seed=seed, fingerprint=fingerprint, dataset=dataset, show=show, later=later,
                mended_before=mended_before + 1,
            )  # fmt: skip

        with suppress(*attendant.caught), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            files = {str(path): str(path.relative_to(network.root)) for path in network.files().values()}
            more = diagnose(
                lab, [stage, *later], run_mended, failed=told.status != "passed", files=files,
                mended_before=mended_before > 0,
            )  # fmt: skip
            while True:  # whatever ends it, what was known before stays known
                with attendant.diagnosing(told):
                    diagnosed = next(more, None)
                if diagnosed is None:
                    break
                told = replace(so_far(), diagnoses=diagnosed.diagnoses, cure=diagnosed.cure)
        return told


@dataclass
class _Watched:
    """A builder that remembers what it last raised, and the float types of what it built."""

    build: Builder
    error: BaseException | None = None
    dtypes: set[str] = field(default_factory=set)

    def as_function(self) -> Callable[..., Any]:
        @functools.wraps(self.build, updated=())  # keeps the signature, by which the lab knows whether it takes a dtype
        def build(*args: Any, **options: Any) -> Any:
            try:
                network = self.build(*args, **options)
            except BaseException as error:
                self.error = error
                raise
            with suppress(Exception):  # a network without such parameters is for the checks to judge
                self.dtypes.update(str(np.asarray(array).dtype) for array in network.parameters())
            return network

        return build


def _ask(check: Check, lab: Lab, beside: AbstractContextManager[None]) -> Outcome:
    """The answer of one check. Overflows and divisions by zero are for the check to find, not for NumPy to announce."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with beside:
            outcome = check.run(lab)
    if not isinstance(outcome, Outcome):
        raise TypeError(f"{check.name} must return at_most(...) or at_least(...), not {type(outcome).__name__}")
    if math.isnan(outcome.limit):
        raise ValueError(f"{check.name} has a limit that is not a number, which no measurement could meet")
    return outcome


def _answered(check: Check, outcome: Outcome, seconds: float) -> CheckResult:
    harmless = outcome.harmless and not math.isnan(outcome.measured)  # nobody knows what harm a NaN does
    return CheckResult(
        name=check.name,
        claim=check.claim,
        status="passed" if outcome.holds else "warning" if harmless else "failed",
        measured=outcome.measured,
        limit=outcome.limit,
        relation=outcome.relation,
        because=outcome.because,
        message=outcome.message,
        unit=outcome.unit,
        why=check.why,
        seconds=seconds,
        evidence=tuple(outcome.evidence),
    )


def unanswered(check: Check, failure: Failure, seconds: float, how: str = "") -> CheckResult:
    """A check without an answer has measured nothing: NaN, against no limit. It did not hold, for whatever reason; only
    what needs a formula that nnkit has not got is no fault of the network, and a warning.

    `how` it ended, in a verb, if not by an exception.
    """
    place = f" at {failure.place}" if failure.place else ""
    what = _WITHOUT_RUNNING.get(failure.kind, f"{how or f'raised {failure.kind}'}{place}")
    return CheckResult(
        name=check.name,
        claim=check.claim,
        status="warning" if failure.kind == NOT_CHECKED else "failed",
        measured=math.nan,
        limit=math.nan,
        relation="<=",
        because="",
        message=f"{what}: {failure.message}",
        why=check.why,
        seconds=seconds,
        blocked=failure.kind == "Blocked",
        not_checked=failure.kind == NOT_CHECKED,
    )


def _with_noticed(result: CheckResult, noticed: list[str]) -> CheckResult:
    """What else was noticed turns a pass into a warning, and is said in any case."""
    if not noticed:
        return result
    besides = "; ".join(noticed)
    if result.status == "passed":
        return replace(result, status="warning", message=f"{besides}. The check itself holds: {result.message}")
    return replace(result, message=f"{result.message}; besides, {besides}")


def _status(checks: list[CheckResult], failures: list[Failure]) -> StageStatus:
    if any(failure.kind != "Blocked" for failure in failures):
        return "error"
    if any(check.status == "failed" and not check.unanswered for check in checks):
        return "failed"
    # A stage of which nothing could be checked has shown nothing.
    return "blocked" if failures or all(check.unanswered for check in checks) else "passed"


def _first(failures: list[Failure]) -> Failure | None:
    """The first exception; one that was raised by the network says more than something missing."""
    return min(failures, key=lambda failure: failure.kind == "Blocked", default=None)
