"""One run after another in forks: each is as an ordinary run is, and none disturbs the next."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workshop import NETWORK, Workshop

from nnkit.isolation import preloaded
from nnkit.isolation.preloaded import Runs

HANGS = "import time\nwhile True:\n    time.sleep(1)\n"


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.fixture
def words(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Climb with net.py in this folder, two small stages."""
    monkeypatch.setenv("NNKIT_DATA", "")
    monkeypatch.setenv("NNKIT_OFFLINE", "1")
    monkeypatch.chdir(workshop.folder)
    Path("net.py").write_text(NETWORK.format(value=1.0), encoding="utf-8")
    return ["run", "net.py", "--stages", str(workshop.stages), "--until", "2"]


def told(folder: str) -> Any:
    """The results without what two runs differ in."""
    found = json.loads(Path(folder, "results.json").read_text(encoding="utf-8"))
    for stage in found["stages"]:
        for timed in (stage, *stage["checks"]):
            timed.pop("seconds", None)
            timed.pop("started", None)
    found.pop("seconds", None)
    return found


def test_it_says_what_an_ordinary_run_says(runs: Runs, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert runs.run([*words, "--into", "forked"], 60.0) == preloaded.Ended(0, "")
    pages = sorted(file.name for file in Path("forked").glob("*.html"))
    monkeypatch.setattr(preloaded, "CAN_FORK", False)
    assert Runs().run([*words, "--into", "ordinary"], 60.0) == preloaded.Ended(0, "")
    assert told("forked") == told("ordinary")
    assert pages == sorted(file.name for file in Path("ordinary").glob("*.html")) and "stage-2.html" in pages


def test_what_cannot_be_done_is_told(runs: Runs, words: list[str]) -> None:
    ended = runs.run(["run", "nowhere.py", *words[2:]], 60.0)
    assert ended.status == 2 and "nowhere.py" in ended.errors


@pytest.mark.parametrize("can_fork", [True, False])
def test_one_that_hangs_is_stopped_and_the_next_one_runs(
    runs: Runs, words: list[str], monkeypatch: pytest.MonkeyPatch, can_fork: bool
) -> None:
    monkeypatch.setattr(preloaded, "CAN_FORK", can_fork and preloaded.CAN_FORK)
    Path("hangs.py").write_text(HANGS, encoding="utf-8")
    assert runs.run(["run", "hangs.py", *words[2:]], 0.5).status is None
    assert runs.run(["--version"], 60.0).status == 0


def test_a_network_that_ends_its_process_is_told_of(runs: Runs, words: list[str]) -> None:
    Path("ends.py").write_text("import os\nos._exit(3)\n", encoding="utf-8")
    ended = runs.run(["run", "ends.py", *words[2:]], 60.0)
    assert ended.status == 2 and "exit code 3" in ended.errors
    assert runs.run([*words, "--into", "after"], 60.0).status == 0


@pytest.mark.skipif(not preloaded.CAN_FORK, reason="nothing is forked here")
def test_without_the_process_that_forks_it_goes_on(words: list[str]) -> None:
    runs = Runs()
    runs.run(["--version"], 60.0)
    assert runs._server is not None
    os.kill(runs._server.pid, signal.SIGKILL)
    assert runs.run([*words, "--no-report"], 60.0).status == 0
    runs.close()
