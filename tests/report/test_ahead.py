from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import samples

from nnkit.curriculum.events import CheckFinished, StageFinished, StageStarted
from nnkit.curriculum.results import StageResult
from nnkit.report import ahead as ahead_module
from nnkit.report.ahead import Ahead
from nnkit.report.gallery import Gallery, drawing_of, kept_in


@pytest.fixture
def result() -> StageResult:
    return next(result for result in samples.passing() if any(check.evidence for check in result.checks))


def tell_of_checks(ahead: Ahead, result: StageResult) -> None:
    stage: Any = SimpleNamespace(number=result.stage.number)
    ahead.watch(StageStarted(stage, "never run"))
    for check in result.checks:
        ahead.watch(CheckFinished(stage, check))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    drawn: list[Any] = []

    def draw(piece: Any) -> Any:
        drawn.append(piece)
        return drawing_of(piece)

    monkeypatch.setattr(ahead_module, "drawing_of", draw)
    return drawn


def test_what_checks_show_is_drawn_once_and_kept_with_the_stage(
    tmp_path: Path, result: StageResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = counting(monkeypatch)
    for _ in range(2):  # the second time all of it is there already
        ahead = Ahead(tmp_path)
        tell_of_checks(ahead, result)
        ahead.watch(StageFinished(result, ran=True))
        ahead.finish()
        assert len(drawn) == sum(len(check.evidence) for check in result.checks)
    assert Gallery(result, tmp_path / ".cache").missing() == []
    by_itself = Gallery(result, tmp_path / "other")
    by_itself.draw()
    kept = kept_in(tmp_path / ".cache", result.stage.number)
    assert kept == kept_in(tmp_path / "other", result.stage.number) != {}


def test_a_stage_that_did_not_run_starts_nothing(tmp_path: Path, result: StageResult) -> None:
    before = threading.active_count()
    ahead = Ahead(tmp_path)
    ahead.watch(StageFinished(result, ran=False))
    assert threading.active_count() == before
    ahead.finish()
    assert not (tmp_path / ".cache").exists()


def test_what_is_stopped_is_drawn_later(tmp_path: Path, result: StageResult) -> None:
    ahead = Ahead(tmp_path)
    tell_of_checks(ahead, result)
    ahead.stop()
    gallery = Gallery(result, tmp_path / ".cache")
    gallery.draw()
    assert Gallery(result, tmp_path / ".cache").missing() == []


def test_a_drawing_that_fails_is_left_to_whoever_writes_the_pages(
    tmp_path: Path, result: StageResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(piece: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(ahead_module, "drawing_of", fail)
    ahead = Ahead(tmp_path)
    tell_of_checks(ahead, result)
    ahead.watch(StageFinished(result, ran=True))
    ahead.finish()
    assert Gallery(result, tmp_path / ".cache").missing() != []
