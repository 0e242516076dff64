"""The command `nnkit train`: verdict, page, JSON and exit status, whatever the program does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nnkit import cli
from nnkit.curriculum.encode import plain, rich
from nnkit.curriculum.folders import trainings
from nnkit.curriculum.starters import starter
from nnkit.curriculum.train_program import train_program
from nnkit.subjects.load import locate

PROGRAM = starter("training").replace("EPOCHS = 30", "EPOCHS = 8")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def write(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    text = PROGRAM
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")


def train(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["train", *words])
    return int(ended.value.code or 0)


def test_a_healthy_program(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, "moons.py")
    assert train("moons.py", "--json", "out.json") == 0
    out = capsys.readouterr().out
    assert out.isascii() and "healthy" in out and "training.html" in out
    told = json.loads((here / "out.json").read_text(encoding="utf-8"))
    assert told["healthy"] and told["schema"] == 1 and told["diagnoses"] == [] and told["loop"]["Updates"] == "200"
    page = (here / "reports/moons/training.html").read_text(encoding="utf-8")
    assert "It trains" in page and "The size of the gradient, layer by layer" in page and "<script" not in page
    index = (here / "reports/index.html").read_text(encoding="utf-8")
    assert "1 of 1 program trains as it should" in index and 'href="moons/training.html"' in index
    assert (here / "reports/causes.html").is_file()


def test_a_cause_is_told_with_the_change_and_both_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, "zero.py", ("rng.normal(0, 1 / np.sqrt(m), (m, n))", "np.zeros((m, n))"))
    assert train("zero.py", "--in-process") == 1
    out = capsys.readouterr().out
    for label in ("Seen:", "Cause:", "Proof:", "Change:", "nnkit explain initialised-to-zero", "Again:"):
        assert label in out
    page = (here / "reports/zero/training.html").read_text(encoding="utf-8")
    assert "The same training with one thing changed" in page and "causes.html#initialised-to-zero" in page
    (one,) = trainings(here / "reports")
    assert (one.name, one.status, one.headline) == ("zero.py", "failed", "All weights start at zero.")
    # A verdict that is no longer true is gone, and with it its line in the list.
    (here / "zero.py").write_text("import nothing_of_that_name", encoding="utf-8")
    assert train("zero.py", "--in-process") == 2
    assert trainings(here / "reports") == [] and not (here / "reports/zero/training.html").exists()
    assert "zero.py" not in (here / "reports/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        ("    import os\n    print('my last words')\n    os._exit(3)", (), "crashed"),
        ("    print('my last words')\n    while True: pass", ("--timeout", "2"), "timeout"),
    ],
)
def test_a_program_that_does_not_come_back(here: Path, body: str, options: tuple[str, ...], status: str) -> None:
    write(here, "ends.py", ("EPOCHS = 8", f"def fit(network, x, y):\n{body}"))
    assert train("ends.py", *options) == 1
    told = json.loads((here / "reports/ends/training.json").read_text(encoding="utf-8"))
    assert told["status"] == status
    assert told["failure"]["place"].startswith("ends.py:") and told["failure"]["place"].endswith(" in fit")
    assert "my last words" in (here / "reports/ends/training.html").read_text(encoding="utf-8")


def test_a_loop_that_raises_is_an_error_whatever_else_is_seen(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = "    for i in range(30):\n        network.train_step(x, y, 0.5)\n    raise KeyError('mine')"
    write(here, "raises.py", ("EPOCHS = 8", f"def fit(network, x, y):\n{body}"))
    assert train("raises.py", "--in-process", "--no-report") == 1
    assert "KeyError:  'mine'" in capsys.readouterr().out
    assert not (here / "reports/raises/training.html").exists()


def test_what_is_no_program_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, "short.py", ("EPOCHS = 8", ""))
    assert train("short.py") == 2 and train("not_there.py") == 2
    assert "a file without fit and EPOCHS" in capsys.readouterr().err


def test_results_survive_the_way_from_the_worker(here: Path) -> None:
    write(here, "moons.py")
    result = train_program(locate("moons.py"), 0, lambda words: None)
    back = rich(json.loads(json.dumps(plain(result), allow_nan=False)))
    assert back.headline == result.headline and back.loop == result.loop
    assert [piece.title for piece in back.pictures] == [piece.title for piece in result.pictures]


def test_init_writes_the_program(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["init", "mine.py", "--training"])
    assert (here / "mine.py").read_text(encoding="utf-8") == starter("training")
    assert "nnkit train mine.py" in capsys.readouterr().out
