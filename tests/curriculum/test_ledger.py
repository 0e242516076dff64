from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from workshop import Workshop

from nnkit.curriculum.ledger import Ledger, LedgerBusy, Run
from nnkit.curriculum.storage import CannotWrite

RUN = Run(
    when="2026-01-01T00:00:00+00:00", command="nnkit run", network="n", seed=0, passed=True, stopped_at=None, seconds=1
)


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe\x00", b"[]", b'{"schema": 1}', b"<!doctype html>", b"null\n", None]
)
def test_a_damaged_record_counts_as_not_run_and_nothing_else_is_lost(workshop: Workshop, damage: bytes | None) -> None:
    workshop.climb()
    file = workshop.reports / "ledger" / "stage-2.json"
    file.write_bytes(file.read_bytes()[:-40] if damage is None else damage)
    ledger = workshop.ledger
    assert sorted(ledger.read_all()) == [1, 3, 4]
    assert len(ledger.notes) == 1 and "stage-2.json" in ledger.notes[0] and "not run" in ledger.notes[0]
    assert workshop.standing() == {1: "passed", 2: "not-run", 3: "stale", 4: "stale"}
    assert list(workshop.climb().ran) == [2]
    assert set(workshop.standing().values()) == {"passed"}


def test_a_record_altered_by_hand_does_not_count(workshop: Workshop) -> None:
    workshop.write_stage(1, limit=0.0)
    workshop.climb()
    file = workshop.reports / "ledger" / "stage-1.json"
    text = file.read_text(encoding="utf-8")
    assert '"status":"failed"' in text
    file.write_text(text.replace('"status":"failed"', '"status":"passed"'), encoding="utf-8")
    assert workshop.ledger.read(1) is None


def test_the_pages_of_an_old_record_are_withdrawn_before_the_record_changes(workshop: Workshop) -> None:
    workshop.climb()
    names = ("stage-1.html", "stage-2.html", "index.html", "results.json")
    for name in names:
        (workshop.reports / name).write_text("passed", encoding="utf-8")
    record = workshop.ledger.read(1)
    assert record is not None
    workshop.ledger.write(record)
    assert [name for name in names if (workshop.reports / name).exists()] == ["stage-2.html"]


def test_the_last_twenty_runs_are_kept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for number in range(25):
        ledger.add_run(Run(**{**vars(RUN), "seed": number}))
    assert [run.seed for run in ledger.runs()] == list(range(5, 25))
    assert json.loads((tmp_path / "ledger" / "runs.json").read_text(encoding="utf-8"))[-1]["command"] == "nnkit run"


@pytest.mark.parametrize("damage", ["", "[1]", '[{"colour": 1}]', "\x00"])
def test_a_damaged_list_of_runs_starts_anew(tmp_path: Path, damage: str) -> None:
    ledger = Ledger(tmp_path)
    ledger.add_run(RUN)
    (tmp_path / "ledger" / "runs.json").write_text(damage, encoding="utf-8")
    ledger.add_run(RUN)
    assert ledger.runs() == [RUN]
    assert "starts anew" in ledger.notes[0]


def test_reset_forgets_results_and_pages_and_nothing_else(workshop: Workshop) -> None:
    workshop.climb()
    workshop.ledger.add_run(RUN)
    for name in ("README.md", "index.html", "stage-1.html", "results.json"):
        (workshop.reports / name).write_text("text", encoding="utf-8")
    workshop.ledger.reset()
    assert workshop.ledger.read_all() == {}
    assert workshop.ledger.runs() == []
    assert [path.name for path in workshop.reports.glob("*.*")] == ["README.md"]


HOLD = """
    import sys, time
    from pathlib import Path
    from nnkit.curriculum.ledger import Ledger
    with Ledger(Path(sys.argv[1])).locked(0, print):
        print("held", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock of tmp_path until a line is written to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_says_whom_it_waits_for_and_gives_up(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    said: list[str] = []
    with pytest.raises(LedgerBusy, match=rf"process {holder.pid}.*--wait"), Ledger(tmp_path).locked(0.2, said.append):
        pass
    assert said == [f"another nnkit (process {holder.pid})"]
    holder.communicate("\n")


def test_a_second_run_goes_on_when_the_first_is_done(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    def let_go(_: str) -> None:
        holder.communicate("\n")

    with Ledger(tmp_path).locked(30, let_go):
        pass


def test_the_lock_of_a_killed_run_is_free_and_its_half_written_files_are_removed(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    leftover = tmp_path / "ledger" / ".stage-1.json.123.tmp"
    leftover.write_text("{", encoding="utf-8")
    holder.kill()
    holder.communicate()
    with Ledger(tmp_path).locked(0, pytest.fail):
        assert not leftover.exists()


def test_a_reports_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CannotWrite, match=r"file.*--reports"), Ledger(tmp_path / "file").locked(0, pytest.fail):
        pass
