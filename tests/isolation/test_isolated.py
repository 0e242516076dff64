"""A climb with a worker is the same climb."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from workshop import NETWORK, Workshop

from nnkit.curriculum.collect import CollectError
from nnkit.curriculum.data import Data
from nnkit.curriculum.encode import encode
from nnkit.curriculum.events import CheckFinished, Event, StageFinished, Working
from nnkit.curriculum.execution import InProcess
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.runner import climb
from nnkit.datasets import DataDamaged
from nnkit.isolation import isolated
from nnkit.isolation.isolated import Isolated

BODY = """
import numpy as np
from nnkit.curriculum.evidence import Caption, Images

@stage.check("measures")
def measures(lab):
    list(lab.progress("ab", "training"))
    pictures = Images(title="t", caption=Caption("l", "h", "s"), values=lab.rng(1).normal(size=(2, 3, 3)))
    found = lab.build((2, 1)).value
    return at_most(found, 2, because="b", message="m", evidence=[pictures], headline="small")

@stage.check("measures nothing")
def nothing(lab):
    return at_most(float("nan"), float("inf"), because="b", message="m", harmless=True)

@stage.check("raises")
def raises(lab):
    lab.build((2, 1)).forward(1)
"""


@pytest.fixture
def worker() -> Iterator[Isolated]:
    with closing(Isolated()) as execution:
        yield execution


def timeless(result: StageResult) -> str:
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    return encode(replace(result, checks=checks, seconds=0.0, started=""))


def test_results_are_the_same_as_in_process(workshop: Workshop, worker: Isolated) -> None:
    workshop.write_stage(2, BODY)
    found = []
    for execution in (worker, InProcess()):
        climb(workshop.ladder(), workshop.ledger, [1, 2], force=True, execution=execution)
        found.append([timeless(record) for _, record in sorted(workshop.ledger.read_all().items())])
    assert found[0] == found[1]
    assert [record.status for record in workshop.ledger.read_all().values()][:2] == ["passed", "failed"]


def test_checks_are_told_of_before_their_stage_ends(workshop: Workshop, worker: Isolated) -> None:
    for execution in (worker, InProcess()):
        events: list[Event] = []
        climb(workshop.ladder(), workshop.ledger, [1], force=True, watch=events.append, execution=execution)
        told = [event.check for event in events[:-1] if isinstance(event, CheckFinished)]
        assert isinstance(events[-1], StageFinished) and told == list(events[-1].result.checks) != []


@pytest.mark.parametrize("loads_data", [False, True])
def test_a_thread_of_the_network_that_ends_the_process_between_two_stages_is_a_crash_of_the_next(
    workshop: Workshop, worker: Isolated, loads_data: bool
) -> None:
    go = workshop.folder / "go"
    threads = (
        "import os, threading, time\n\ndef wait():\n    while not os.path.exists({!r}):\n        time.sleep(0.01)\n"
    )
    start = "    os._exit(3)\n\nthreading.Thread(target=wait, daemon=True).start()\n"
    workshop.write_network(text=threads.format(str(go)) + start + NETWORK.format(value=1.0))
    ladder = workshop.ladder()
    worker.load_network(ladder.network)
    first, second = ladder.stages[:2]
    assert worker.run(first, seed=0, fingerprint={}, show=lambda *_: None).status == "passed"
    go.touch()
    assert worker._process is not None
    worker._process.wait(timeout=30)
    if loads_data:
        worker.load_data(Data())
    result = worker.run(second, seed=7, fingerprint={"seed": "7"}, show=lambda *_: None)
    assert (result.status, result.seed, dict(result.fingerprint)) == ("crashed", 7, {"seed": "7"})
    assert result.failure is not None and "exit code 3" in result.failure.message
    assert result.failure.place == "my_network.py:6 in wait"
    assert [check.unanswered for check in result.checks] == [True]


def test_progress_is_passed_on(workshop: Workshop, worker: Isolated) -> None:
    workshop.write_stage(1, BODY)
    events: list[Event] = []
    climb(workshop.ladder(), workshop.ledger, [1], watch=events.append, execution=worker)
    shown = [(event.label, event.done, event.total) for event in events if isinstance(event, Working)]
    assert shown[0] == ("training", 0, 2) and shown[-1] == ("training", 2, 2)


def test_one_worker_serves_the_whole_climb(workshop: Workshop, worker: Isolated) -> None:
    body = '@stage.check("which")\ndef which(lab):\n    import os\n'
    body += '    return at_most(0, 1, because="b", message=str(os.getpid()))\n'
    for number in (1, 2):
        workshop.write_stage(number, body)
    climb(workshop.ladder(), workshop.ledger, [1, 2], execution=worker)
    pids = {record.checks[0].message for record in workshop.ledger.read_all().values()}
    assert len(pids) == 1 and str(os.getpid()) not in pids


def test_damaged_data_is_told_in_the_same_words(
    tmp_path: Path, worker: Isolated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may look whole from outside; then it is the worker that finds out."""
    monkeypatch.setattr(isolated, "locate_dataset", lambda directory: SimpleNamespace(name="mnist"))
    data = Data(tmp_path / "nowhere")
    with pytest.raises(DataDamaged) as own:
        data.load()
    with pytest.raises(DataDamaged) as told:
        worker.load_data(data)
    assert str(told.value) == str(own.value) and "nowhere" in str(own.value)


def test_a_stage_that_is_broken_meanwhile_is_told_as_such(workshop: Workshop, worker: Isolated) -> None:
    ladder = workshop.ladder()
    workshop.write_stage(1, "this is no Python")
    with pytest.raises(CollectError, match=r"stage_1\.py, line"):
        climb(ladder, workshop.ledger, [1], execution=worker)


def test_a_stage_that_asks_for_what_no_result_can_hold_is_a_bug_and_told_as_one(
    workshop: Workshop, worker: Isolated
) -> None:
    body = '@stage.check("c")\ndef c(lab):\n    return at_most(1, 2, because=lab, message="m")\n'
    workshop.write_stage(1, body)
    with pytest.raises(RuntimeError, match="a result cannot hold a Lab"):
        climb(workshop.ladder(), workshop.ledger, [1], execution=worker)


def test_to_close_what_never_ran_or_is_closed_does_no_harm() -> None:
    execution = Isolated()
    execution.close()
    execution.start()
    execution.close()
    execution.close()
