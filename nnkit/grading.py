"""Many networks at once: each climbs by itself, and one table says how far each came.

Every climb is the command `nnkit run` in a process of its own, so that a network that hangs or crashes disturbs no other,
and every network gets the pages that its author would get; what a run imports is imported once (`isolation.preloaded`).
The work is handed out by joblib: on the cores of this machine, or wherever a joblib backend says
(`joblib.parallel_config(backend="dask")` for a cluster).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from nnkit.isolation.preloaded import Runs


@dataclass(frozen=True)
class Grade:
    """How one network did. passed: stages that hold; status: of the stage at which it stopped, "passed" where it did not
    stop, "not graded" where there is no result at all; finding: what is wrong, in words; page: of the stage concerned,
    beside the table."""

    network: str
    status: str
    passed: int
    stages: int
    stopped_at: int | None
    finding: str
    seconds: float
    page: str


@dataclass(frozen=True)
class Rules:
    """How all are graded alike. until: the last stage asked for (None: all); options: further words for `nnkit run`;
    limit: seconds for one network."""

    until: int | None = None
    limit: float = 1800.0
    options: tuple[str, ...] = ()


def find_networks(folder: Path) -> list[Path]:
    """The Python files in the folder and the folders in it, sorted; hidden ones and those beginning with _ left out."""
    files = (file.relative_to(folder) for file in folder.rglob("*.py"))
    return sorted(folder / file for file in files if not any(part.startswith((".", "_")) for part in file.parts))


def grade(
    networks: Sequence[Path], folder: Path, reports: Path, rules: Rules, jobs: int, done: Callable[[Grade], None]
) -> list[Grade]:
    """The grades in the order of the networks; `done` is called with each as it comes.

    Pages go to `reports`, into one folder for each network.
    """
    from joblib import Parallel, delayed

    tasks = [delayed(grade_one)(network, _name(network, folder), reports, rules) for network in networks]
    try:
        # Each task waits for a process of its own, so threads do to wait with.
        coming: Iterator[Grade] = Parallel(n_jobs=jobs, prefer="threads", return_as="generator_unordered")(tasks)
    except ValueError:  # a backend that cannot hand out results one by one
        coming = iter(Parallel(n_jobs=jobs, prefer="threads")(tasks))
    found: dict[str, Grade] = {}
    try:
        for one in coming:
            found[one.network] = one
            done(one)
    finally:
        while _idle:
            _idle.pop().close()
    return [found[_name(network, folder)] for network in networks]


def grade_one(network: Path, name: str, reports: Path, rules: Rules) -> Grade:
    """Climb with one network in a process of its own, which is stopped after its time."""
    place = reports / name.removesuffix(".py")
    place.mkdir(parents=True, exist_ok=True)
    result = place / "results.json"
    result.unlink(missing_ok=True)
    until = [] if rules.until is None else ["--until", str(rules.until)]
    words = ["run", str(network.resolve()), "--into", str(place), *until, *rules.options]
    with _runs() as runs:
        ended = runs.run(words, rules.limit)
    if ended.status is None:
        return _not_graded(name, f"it was not done after {rules.limit:g} s, and was stopped")
    if ended.status not in (0, 1) or not result.is_file():
        # It could not do what was asked: the file has no network, for instance.
        return _not_graded(name, ended.errors.strip() or f"nnkit ended with status {ended.status}")
    return _grade(name, json.loads(result.read_text(encoding="utf-8")), rules)


#: of this process, which may have been lent to the grading by a joblib backend: ready for its next networks
_idle: list[Runs] = []


@contextmanager
def _runs() -> Iterator[Runs]:
    """One that nobody else uses meanwhile."""
    try:
        runs = _idle.pop()
    except IndexError:
        runs = Runs()
    try:
        yield runs
    finally:
        _idle.append(runs)


def _not_graded(name: str, why: str) -> Grade:
    return Grade(name, "not graded", 0, 0, None, why.removeprefix("nnkit: ").partition("\n")[0].strip(), 0.0, "")


def _grade(name: str, found: dict[str, Any], rules: Rules) -> Grade:
    stages = [stage for stage in found["stages"] if rules.until is None or stage["number"] <= rules.until]
    stopped = next((stage for stage in stages if stage["number"] == found["stopped_at"]), None)
    shown = stopped or stages[-1]
    return Grade(
        network=name,
        status="passed" if stopped is None else stopped["status"],
        passed=sum(stage["status"] == "passed" for stage in stages),
        stages=len(stages),
        stopped_at=None if stopped is None else stopped["number"],
        finding="" if stopped is None else _finding(stopped),
        seconds=round(sum(stage["seconds"] for stage in stages), 2),
        page=f"{name.removesuffix('.py')}/stage-{shown['number']}.html",
    )


def _finding(stage: dict[str, Any]) -> str:
    """What is wrong: the cause where one was proved, else the words of the first check that failed, or of the exception."""
    failed = [cause["summary"] for cause in stage.get("diagnoses", ()) if cause["severity"] == "error"]
    failed += [check["message"] for check in stage["checks"] if check["status"] == "failed"]
    failure = stage.get("failure") or {}
    return str(failed[0] if failed else failure.get("message", "") or stage.get("reason", ""))


def as_csv(grades: Sequence[Grade]) -> str:
    """One line for each network, under a line of names."""
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Grade)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(one) for one in grades)
    return text.getvalue()


def _name(network: Path, folder: Path) -> str:
    return network.relative_to(folder).as_posix()
