"""From a file with a training program to a result: it is loaded, run under watch, and diagnosed, in this very process."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from nnkit.curriculum.failures import tell
from nnkit.curriculum.results import Failure
from nnkit.curriculum.training_results import TrainingResult, TrainingStatus, diagnosed
from nnkit.subjects.load import LoadError, NetworkSource
from nnkit.subjects.program import load_program


def train_program(program: NetworkSource, seed: int, say: Callable[[str], None]) -> TrainingResult:
    """What came out of it, whatever the program raises. `say` is told what is being done. Raises LoadError."""
    from nnkit.diagnosis.verdict import diagnose

    started, begin = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    try:
        verdict = diagnose(load_program(program.file, seed), tell=say)
        return diagnosed(verdict, name=program.file.name, seed=seed, started=started)
    except LoadError:
        raise
    except Exception as error:
        last = "".join(traceback.format_exception_only(error)).strip()
        frames = traceback.extract_tb(error.__traceback__)
        failure = tell(type(error).__name__, str(error), "", frames, None, program, last=last)
        return not_done(program, failure, "error", seed, started, time.perf_counter() - begin)


def not_done(
    program: NetworkSource, failure: Failure, status: TrainingStatus, seed: int, started: str, seconds: float
) -> TrainingResult:
    """Of a program that gave no answer."""
    return TrainingResult(
        name=program.file.name,
        status=status,
        proving=True,
        failure=failure,
        seed=seed,
        started=started,
        seconds=seconds,
    )
