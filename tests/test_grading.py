"""Many networks: each is graded by itself, whatever the others do."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import pytest
from workshop import NETWORK, Workshop

from nnkit.grading import Grade, Rules, as_csv, find_networks, grade, grade_one

HANGS = "import time\nwhile True:\n    time.sleep(1)\n"


@pytest.fixture
def submissions(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two small stages, and networks that pass, fail, end the process, hang and hold nothing."""
    monkeypatch.setenv("NNKIT_DATA", "")  # wherever it leads to from here
    monkeypatch.setenv("NNKIT_OFFLINE", "1")
    workshop.write_stage(1)
    workshop.write_stage(2, limit=1.5)
    folder = workshop.folder / "submissions"
    texts = {
        "good.py": NETWORK.format(value=1.0),
        "anna/net.py": NETWORK.format(value=1.8),
        "exits.py": NETWORK.format(value=1.0).replace("self.sizes,", "__import__('os')._exit(3)\n        self.sizes,"),
        "empty.py": "x = 1\n",
        "_helper.py": "x = 1\n",
        ".hidden/no.py": "x = 1\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def rules(workshop: Workshop, **more: Any) -> Rules:
    return Rules(options=("--stages", str(workshop.stages), "--no-report"), **more)


def test_each_is_graded_by_itself(workshop: Workshop, submissions: Path) -> None:
    networks = find_networks(submissions)
    assert [file.name for file in networks] == ["net.py", "empty.py", "exits.py", "good.py"]
    seen: list[str] = []
    grades = grade(
        networks, submissions, workshop.folder / "grades", rules(workshop), 2, lambda g: seen.append(g.network)
    )
    assert [g.network for g in grades] == ["anna/net.py", "empty.py", "exits.py", "good.py"]
    assert sorted(seen) == [g.network for g in grades]
    anna, empty, exits, good = grades
    assert (good.status, good.passed, good.stopped_at, good.finding) == ("passed", 4, None, "")
    assert (anna.status, anna.passed, anna.stopped_at, anna.finding) == ("failed", 1, 2, "the value is 1.8")
    assert exits.status == "crashed" and "exit code 3" in exits.finding
    assert empty.status == "not graded" and "empty.py has no build" in empty.finding
    assert anna.page == "anna/net/stage-2.html"


def test_a_network_that_hangs_is_stopped_in_time(workshop: Workshop, submissions: Path) -> None:
    (submissions / "hangs.py").write_text(HANGS, encoding="utf-8")
    found = grade_one(submissions / "hangs.py", "hangs.py", workshop.folder / "grades", rules(workshop, limit=1.5))
    assert found.status == "not graded" and "after 1.5 s" in found.finding


def test_until_leaves_later_stages_out(workshop: Workshop, submissions: Path) -> None:
    found = grade_one(submissions / "anna" / "net.py", "anna/net.py", workshop.folder / "g", rules(workshop, until=1))
    assert (found.status, found.passed, found.stages) == ("passed", 1, 1)


def test_the_table_as_csv_survives_any_text() -> None:
    hostile = Grade("a,b.py", "failed", 3, 8, 4, 'it says "no",\nand more', 1.25, "a,b/stage-4.html")
    (row,) = csv.DictReader(as_csv([hostile]).splitlines(keepends=True))
    assert row["network"] == "a,b.py" and row["finding"] == hostile.finding and row["stopped_at"] == "4"


def test_the_command_writes_both_tables(
    workshop: Workshop, submissions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nnkit import cli

    monkeypatch.chdir(workshop.folder)
    words = ["grade", "submissions", "--stages", str(workshop.stages), "--jobs", "2"]
    monkeypatch.setattr(sys, "argv", ["nnkit", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 0
    table = Path("grades/grades.csv").read_text(encoding="utf-8")
    assert "1 of 4 networks pass" in capsys.readouterr().out, table
    page = Path("grades/index.html").read_text(encoding="utf-8")
    assert "the value is 1.8" in page and 'href="anna/net/stage-2.html"' in page
    assert Path("grades/anna/net/stage-2.html").is_file()
    assert len(table.splitlines()) == 5
