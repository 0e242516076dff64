"""A faulty network to practise on: one of the gallery under a neutral name, and an answer that is checked.

The record beside the file says which one it is by a hash, so that nobody reads the answer by accident.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from nnkit.curriculum.gate import short_hash
from nnkit.curriculum.storage import write_atomically
from nnkit.gallery import Program


def record_of(file: Path) -> Path:
    return file.with_suffix(".challenge")


def set_challenge(programs: Sequence[Program], file: Path, seed: int | None) -> None:
    """Write one of the programs to `file`, and the record beside it. None but what this Python can import, and what a
    climb stops at. Raises CannotWrite."""
    fit = [program for program in programs if not program.harmless and _runs_here(program.file)]
    program = random.Random(seed).choice(fit)
    write_atomically(record_of(file), f"{short_hash(program.name)}\n")
    write_atomically(file, program.file.read_text(encoding="utf-8"))


def challenged(programs: Sequence[Program], file: Path) -> Program | None:
    """The program that `file` was made from; None where there is no record of it, or one of another gallery."""
    try:
        kept = record_of(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return next((program for program in programs if short_hash(program.name) == kept), None)


def revealed(program: Program) -> list[str]:
    """The answer, and the edit that mends the program, as lines."""
    lines = [program.note, f"Cause: {program.causes[0]} (nnkit explain {program.causes[0]})", ""]
    for sign, text in (("-", program.wrong), ("+", program.right)):
        lines += [f"{sign} {line}" for line in text.strip("\n").splitlines()]
    return lines


def _runs_here(file: Path) -> bool:
    """Whether all that it imports is installed."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return all(find_spec(name.partition(".")[0]) is not None for name in names)
