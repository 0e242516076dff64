from __future__ import annotations

import sys
from pathlib import Path

import pytest
from workshop import Workshop

from nnkit.curriculum.collect import CollectError, collect_stages


def test_stages_come_in_the_order_of_their_numbers_with_their_text(workshop: Workshop) -> None:
    workshop.write_stage(1).rename(workshop.stages / "stage_z.py")
    stages = collect_stages(workshop.stages)
    assert [stage.number for stage in stages] == [1, 2, 3, 4]
    assert stages[0].text == "What stage 1 is for."
    assert stages[0].source == "stages/stage_z.py"
    assert [check.name for check in stages[0].checks] == ["value"]
    assert stages[0].checks[0].why == "Why the value matters."


def test_two_folders_with_files_of_one_name_do_not_clash(workshop: Workshop, tmp_path: Path) -> None:
    for name, word in (("a", "first"), ("b", "second")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "shared_words.py").write_text(f"WORD = {word!r}\n", encoding="utf-8")
        text = workshop.write_stage(1).read_text(encoding="utf-8").replace("Title 1", word)
        (folder / "stage_1.py").write_text(
            f"from shared_words import WORD\n{text}\nstage.title = WORD\n", encoding="utf-8"
        )
    path = list(sys.path)
    titles = [collect_stages(tmp_path / name)[0].title for name in ("a", "b", "a")]
    assert titles == ["first", "second", "first"]
    assert sys.path == path


def test_an_edited_file_is_read_anew(workshop: Workshop) -> None:
    file = workshop.stages / "stage_1.py"
    assert collect_stages(workshop.stages)[0].title == "Title 1"
    file.write_text(file.read_text(encoding="utf-8").replace("Title 1", "Title X"), encoding="utf-8")
    assert collect_stages(workshop.stages)[0].title == "Title X"


HINTS = '("Question?", "Pointer.", "Explanation.")'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("number=2", "number=1", r"stage_2\.py: there are two stages 1: number"),
        ("number=2", "number=5", r"stage_3\.py: stage 2 is missing: number"),
        (HINTS, '("Question?", " ", "E")', r"stage_2\.py: stage 2 needs three hints"),
        (HINTS, '("Question?",)', r"stage_2\.py: stage 2 needs three hints"),
        ("@stage.check(", "(lambda text: lambda f: f)(", r"stage_2\.py: stage 2 has no check: add"),
        ("stage = Stage(", "step = stag = Stage(", r"stage_2\.py, line 11: NameError: .* correct that line"),
        ("def value(lab):", "def value(lab:", r"stage_2\.py, line 1\d: SyntaxError"),
    ],
)
def test_a_file_that_is_no_stage_is_named_with_what_to_do(workshop: Workshop, old: str, new: str, words: str) -> None:
    file = workshop.stages / "stage_2.py"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(CollectError, match=words):
        collect_stages(workshop.stages)


def test_a_file_without_a_stage_is_named(workshop: Workshop) -> None:
    (workshop.stages / "stage_5.py").write_text("step = 1\n", encoding="utf-8")
    with pytest.raises(CollectError, match=r"stage_5\.py: it has no `stage`: add"):
        collect_stages(workshop.stages)


def test_two_checks_of_one_name_are_refused(workshop: Workshop) -> None:
    file = workshop.stages / "stage_2.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + text[text.index("@stage.check") :], encoding="utf-8")
    with pytest.raises(CollectError, match="called value: rename"):
        collect_stages(workshop.stages)


def test_a_folder_without_stages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="no stage_"):
        collect_stages(tmp_path)
    with pytest.raises(CollectError, match="no folder"):
        collect_stages(tmp_path / "nowhere")
