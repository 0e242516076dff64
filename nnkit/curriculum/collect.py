"""A curriculum is a folder of files `stage_*.py`, each with a module-level `stage`, found as pytest finds tests."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from nnkit.curriculum.stage import Stage
from nnkit.subjects.source_files import fingerprint, forget_others, local_modules, run_file

PACKAGE = Path(__file__).resolve().parents[1]


class CollectError(Exception):
    """A folder of stages that cannot be climbed; the message names the file and says what to do."""


def default_folder() -> Path:
    """The stages that ship: inside an installed package, else beside the package in a checkout."""
    packaged = PACKAGE / "stages"
    return packaged if packaged.is_dir() else PACKAGE.parent / "stages"


def collect_stages(folder: Path) -> list[Stage]:
    """The stages in `folder`, sorted by number: 1 to n without a gap, each with hints and at least one check.

    The folder is importable while its files run, so that they may share a module. Raises CollectError.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise CollectError(f"there is no folder of stages {folder}: name one with --stages DIR")
    files = sorted(folder.glob("stage_*.py"))
    if not files:
        raise CollectError(f"{folder} holds no stage_*.py: add a stage file, or name another folder with --stages DIR")
    sys.path.insert(0, str(folder))
    try:
        stages = sorted((read_stage(file) for file in files), key=lambda stage: stage.number)
    finally:
        sys.path.remove(str(folder))
    for expected, stage in enumerate(stages, start=1):
        if stage.number != expected:
            twice = stage.number < expected
            wrong = f"there are two stages {stage.number}" if twice else f"stage {expected} is missing"
            raise CollectError(f"{stage.path}: {wrong}: number the stages of {folder} from 1 to {len(stages)}")
    return stages


def read_stage(file: Path) -> Stage:
    """Run one stage file and return the stage it defines."""
    files = local_modules(file, file.parent)
    forget_others(files)
    as_run = fingerprint(
        files
    )  # taken before: an edit in between makes the stage stale, never a pass of what did not run
    try:
        module = run_file(file)
    except Exception as error:
        raise CollectError(f"{_place(file, error)}: {type(error).__name__}: {error}: correct that line") from error
    stage = getattr(module, "stage", None)
    if not isinstance(stage, Stage):
        raise CollectError(f"{file}: it has no `stage`: add stage = Stage(number=..., name=..., ...)")
    if not stage.checks:
        raise CollectError(f'{file}: stage {stage.number} has no check: add a function under @stage.check("its claim")')
    if len(stage.hints) != 3 or not all(hint.strip() for hint in stage.hints):
        raise CollectError(f"{file}: stage {stage.number} needs three hints: a question, a pointer, the explanation")
    names = [check.name for check in stage.checks]
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise CollectError(f"{file}: two checks of stage {stage.number} are called {double}: rename one of them")
    stage.path, stage.source, stage.text = file, f"{file.parent.name}/{file.name}", (module.__doc__ or "").strip()
    stage.fingerprint = as_run
    return stage


def _place(file: Path, error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f"{file}, line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f"{file}, line {lines[-1]}" if lines else str(file)
