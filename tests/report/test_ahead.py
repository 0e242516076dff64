from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import samples

from nnkit.curriculum.events import StageStarted
from nnkit.curriculum.ledger import Ledger
from nnkit.report.ahead import Ahead
from nnkit.report.gallery import Gallery


def started(uses_data: bool) -> Any:
    return StageStarted(SimpleNamespace(uses_data=uses_data), "never run")  # type: ignore[arg-type]


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def test_finished_stages_are_drawn_when_a_long_one_begins(tmp_path: Path, two_cores: None) -> None:
    result = samples.passing()[0]
    Ledger(tmp_path).write(result)
    ahead = Ahead(tmp_path)
    ahead.watch(started(uses_data=True))
    ahead.finish()
    assert Gallery(result, tmp_path / ".cache").missing() == []


def test_a_short_stage_starts_nothing(tmp_path: Path, two_cores: None) -> None:
    Ledger(tmp_path).write(samples.passing()[0])
    ahead = Ahead(tmp_path)
    ahead.watch(started(uses_data=False))
    ahead.finish()
    assert not (tmp_path / ".cache").exists()


def test_what_is_stopped_is_drawn_later(tmp_path: Path, two_cores: None) -> None:
    result = samples.passing()[0]
    Ledger(tmp_path).write(result)
    ahead = Ahead(tmp_path)
    ahead.watch(started(uses_data=True))
    ahead.stop()
    gallery = Gallery(result, tmp_path / ".cache")
    gallery.draw()
    assert Gallery(result, tmp_path / ".cache").missing() == []
