"""The gallery as a command: what is found is held against the tables, and a challenge keeps its secret."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nnkit import challenge, cli, gallery
from nnkit.curriculum.results import Diagnosis
from nnkit.gallery import Found, Program, climb_with, default_gallery, leave_out, read_gallery

PROGRAMS = {program.name: program for program in read_gallery(default_gallery())}
#: one that fails stage 1, in plain NumPy
QUICK = "update/functional_params"


def diagnosis(cause: str, layer: int | None = None, operation: str = "delta", severity: str = "error") -> Diagnosis:
    where = {"layer": layer, "parameter": None, "operation": operation}
    return Diagnosis(cause=cause, where=where, summary="", proof="", fix="", source="", severity=severity)  # type: ignore[arg-type]


def program(**more: object) -> Program:
    known = Program("gradient", Path("net.py"), ("right", "also-right"), 4, "A note.", "a", "b", 2, None, "delta")
    return replace(known, **more)  # type: ignore[arg-type]


def found(*diagnoses: Diagnosis, at: int | None = 4, **more: object) -> Found:
    return Found(program(**more), at, at, diagnoses, 1.0)


def ended(words: list[str]) -> int:
    with pytest.raises(SystemExit) as status:
        cli.main(words)
    assert isinstance(status.value.code, int)
    return status.value.code


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gallery of one program, and an empty current folder."""
    area, _, name = QUICK.partition("/")
    folder = tmp_path / "gallery" / area
    folder.mkdir(parents=True)
    table = (default_gallery() / area / "expected.toml").read_text(encoding="utf-8")
    own = next(part for part in table.split("\n\n") if part.startswith(f"[{name}]"))
    (folder / "expected.toml").write_text(own + "\n", encoding="utf-8")
    shutil.copy(PROGRAMS[QUICK].file, folder)
    monkeypatch.setattr(gallery, "default_gallery", lambda: tmp_path / "gallery")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_what_the_table_says_is_all_right() -> None:
    for name in ("right", "also-right"):
        assert found(diagnosis(name, 2)).shortfalls == ()
    assert found(diagnosis("right", 2, severity="warning"), harmless=True, at=None).shortfalls != ()  # nothing was told


def test_each_shortfall_is_told() -> None:
    assert found(at=None).shortfalls == ("missed", "unnamed", "misplaced")
    assert found(diagnosis("right", 2), at=5).shortfalls == ("late",)
    assert found(diagnosis("right", 1)).shortfalls == ("misplaced",)
    assert found(diagnosis("unknown", 2)).shortfalls == ("unnamed",)
    assert found(diagnosis("unknown", 2, "update")).shortfalls == ("unnamed", "misplaced")
    assert found(diagnosis("right", 2), diagnosis("wrong", 2)).shortfalls == ("wrong name",)
    assert found(diagnosis("right", 2), diagnosis("wrong", 2, severity="warning")).shortfalls == ()
    assert found(diagnosis("right", 2, severity="warning"), harmless=True).shortfalls == ("stopped",)
    assert replace(found(), not_run="no torch").shortfalls == ()


def test_a_warning_is_what_the_harmless_deserve() -> None:
    harmless = found(diagnosis("right", 2, severity="warning"), harmless=True)
    assert replace(harmless, stopped_at=None).shortfalls == ()
    assert replace(harmless, stopped_at=None, told_at=5).shortfalls == ("late",)


def test_tallies_count_what_ran() -> None:
    every = [found(diagnosis("right", 2)), found(diagnosis("wrong", 2)), found(at=None), replace(found(), not_run="no")]
    area, total = gallery.tallies(every)
    assert area == replace(total, area="gradient")
    counts = (total.programs, total.caught, total.named, total.placed, total.wrong, total.unknown, total.not_run)
    assert counts == (3, 2, 1, 1, 1, 1, 1)
    assert "33.3 %" in gallery.told_tallies(every)[-2] and "1 not run" in gallery.told_tallies(every)[-1]


def test_a_climb_stops_at_the_fault() -> None:
    climbed = climb_with(PROGRAMS[QUICK])
    assert (climbed.stopped_at, climbed.caught) == (1, True)
    assert climbed.seconds > 0 and "stage 1" in climbed.found_in_words


def test_what_cannot_be_loaded_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import a_framework_that_nobody_has\n", encoding="utf-8")
    assert "a_framework_that_nobody_has" in climb_with(program(file=tmp_path / "net.py")).not_run


def test_without_its_name_a_fault_gets_no_name() -> None:
    left = leave_out(PROGRAMS["gradient/neurons_that_pass_blame"])
    assert left.kind in gallery.LEFT_KINDS
    assert not any(one.cause in left.program.causes for one in left.diagnoses)


def test_the_command_compares_and_writes_a_page(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["gallery", "update", "--html", "pages/gallery.html"]) == 0
    out = capsys.readouterr().out
    assert "100.0 %" in out and "Page:" in out
    page = Path("pages/gallery.html").read_text(encoding="utf-8")
    assert "functional_params" in page and 'href="causes.html#update-missing"' in page
    assert 'id="update-missing"' in Path("pages/causes.html").read_text(encoding="utf-8")


def test_an_area_that_is_not_there_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["gallery", "updates"]) == 2
    assert "areas are update" in capsys.readouterr().err


def test_a_challenge_is_set_once_and_its_answer_checked(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["challenge", "--answer", "update-missing"]) == 2  # none was set
    assert ended(["challenge", "--seed", "0"]) == 0
    text = Path("challenge.py").read_text(encoding="utf-8")
    assert text == PROGRAMS[QUICK].file.read_text(encoding="utf-8")
    told = capsys.readouterr().out + challenge.record_of(Path("challenge.py")).read_text(encoding="utf-8")
    assert "update" not in told and "functional" not in told
    assert ended(["challenge"]) == 2
    Path("challenge.py").write_text("mended", encoding="utf-8")
    assert ended(["challenge", "--answer", "update-misssing"]) == 2
    assert "did you mean update-missing" in capsys.readouterr().err
    assert ended(["challenge", "--answer", "update-uphill"]) == 1
    assert "No: it is not update-uphill." in capsys.readouterr().out
    assert ended(["challenge", "--answer", "update-missing"]) == 0
    assert "+ p -= learning_rate * g" in capsys.readouterr().out
    assert ended(["challenge", "--reveal"]) == 0
    assert Path("challenge.py").read_text(encoding="utf-8") == "mended"


def test_challenges_are_of_what_runs_here_and_fails(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import a_framework_that_nobody_has\n", encoding="utf-8")
    usable = PROGRAMS[QUICK]
    others = [program(file=tmp_path / "net.py"), replace(usable, harmless=True, file=tmp_path / "none.py")]
    for seed in range(5):
        file = tmp_path / f"challenge_{seed}.py"
        challenge.set_challenge([*others, usable], file, seed)
        assert challenge.challenged([*others, usable], file) == usable
    assert challenge.challenged(others[:1], file) is None


def test_what_is_left_out_is_told_by_kind() -> None:
    left = [gallery.Left(program(), kind, (diagnosis("wrong", 2),)) for kind in gallery.LEFT_KINDS[:4]]
    lines = gallery.told_left(left)
    assert lines[:3] == [
        "gradient/net: another name",
        "    is:       right or also-right (layer 2, delta)",
        "    found:    wrong (layer 2, delta)",
    ]
    assert [line.split()[-2] for line in lines[3:]] == ["25.0", "25.0", "25.0", "25.0", "0.0"]
