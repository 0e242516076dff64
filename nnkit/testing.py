"""For one's own test suite: `assert_climbs(build)` passes, or fails with what nnkit would say.

from nnkit.testing import assert_climbs
from my_package import build

def test_backpropagation():
    assert_climbs(build, until=5)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nnkit.curriculum.collect import collect_stages, default_folder
from nnkit.curriculum.data import Data
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.run_stage import run_stage
from nnkit.subjects.load import NetworkSource, locate


def assert_climbs(
    network: str | Callable[..., Any], *, until: int = 5, seed: int = 0, data_dir: Path | None = None
) -> None:
    """Climb from stage 1 to `until` in this process; raise AssertionError at the first stage that does not pass.

    network: what makes one, `build(sizes, seed)`, or the words that name it ("my_network.py:build"). Nothing is written,
    and no earlier result is used. Stages 7 and 8 need data: they look for MNIST as the command does.
    Raises LoadError where the words name nothing that can be had, ValueError where there is no stage `until`.
    """
    __tracebackhide__ = True  # pytest shows the caller's line, not this one
    if isinstance(network, str):
        source = locate(network)
        build = source.load()
    else:
        source, build = _source_of(network), network
    stages = collect_stages(default_folder())
    if not 1 <= until <= len(stages):
        raise ValueError(f"until is the number of a stage, 1 to {len(stages)}; got {until}")
    for stage in stages[:until]:
        dataset = Data(data_dir).load() if stage.uses_data else None
        result = run_stage(stage, build, source, seed=seed, fingerprint={}, dataset=dataset)
        if not result.passed:
            raise AssertionError(_verdict(result))


class _WithoutFile(NetworkSource):
    """A network that was typed in a session, or made by a program: it has no lines to name."""

    def files(self) -> dict[str, Path]:
        return {}


def _source_of(build: Callable[..., Any]) -> NetworkSource:
    """Where a callable comes from, so that failures name its author's own lines."""
    name = getattr(build, "__qualname__", type(build).__name__)
    for origin in (inspect.unwrap(build), getattr(build, "func", None), type(build)):
        with suppress(
            TypeError, OSError
        ):  # an object that can be called, such as a partial, has no source; its class may
            file = Path(inspect.getsourcefile(origin) or "").resolve()  # type: ignore[arg-type]
            if file.is_file():
                return NetworkSource(f"{file.name}:{name}", f"{file}:{name}", file, name, file.parent)
    return _WithoutFile(name, name, Path(), name, Path())


def _verdict(result: StageResult) -> str:
    stage = result.stage
    lines = [f"{result.network} does not pass stage {stage.number}, {stage.title}: {result.status}"]
    for check in result.checks:
        if check.status == "failed":
            lines += [f"  {check.claim}", f"    {check.message}"]
    if result.failure is not None and result.failure.traceback:
        lines.append(result.failure.traceback)
    return "\n".join(lines)
