"""An exception inside a check, told from the side of whoever wrote the network: their own file and line first."""

from __future__ import annotations

import traceback
from pathlib import Path

from nnkit.curriculum.collect import PACKAGE
from nnkit.curriculum.results import Failure
from nnkit.curriculum.stage import Blocked, Stage
from nnkit.subjects.load import NetworkSource

#: the five methods by which the stages speak to a network, and what each is for
METHODS = {
    "parameters": "parameters(): the list of its live float arrays, [W1, b1, W2, b2, ...].",
    "forward": "forward(x): (n, inputs) to (n, outputs).",
    "loss": "loss(x, y): the number that training is meant to reduce.",
    "gradients": "gradients(x, y): d loss / d parameter, in the order and shapes of parameters().",
    "train_step": "train_step(x, y, learning_rate): one update by its own rule.",
}
_FRAMES_SHOWN = 12  # an endless recursion has a thousand


def describe(error: BaseException, check: str, stage: Stage, network: NetworkSource) -> Failure:
    """What ended `check`. The traceback leaves out nnkit's own frames, unless nnkit's network is the one under test."""
    if isinstance(error, Blocked):
        return Failure(kind="Blocked", message=str(error), check=check)
    if isinstance(error, AttributeError) and error.name in METHODS and type(error.obj).__name__ != "module":
        message = f"{network.name} gives a {type(error.obj).__name__} without {METHODS[error.name]}"
        return Failure(kind="Blocked", message=f"{message} Add this method to it.", check=check)
    networks = {str(path): str(path.relative_to(network.root)) for path in network.files().values()}
    stages = {str(stage.path): stage.source}
    names = {**stages, **networks}
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in names or not Path(frame.filename).is_relative_to(PACKAGE)
    ]
    place = ""
    for theirs in (networks, stages):
        inside = [frame for frame in frames if frame.filename in theirs]
        if inside:
            place = f"{theirs[inside[-1].filename]}:{inside[-1].lineno} in {inside[-1].name}"
            break
    lines = []
    for frame in frames[-_FRAMES_SHOWN:]:
        name = names.get(frame.filename) or frame.filename.rpartition("site-packages")[2].lstrip("/\\")
        lines.append(f"{name}:{frame.lineno} in {frame.name}\n    {frame.line}")
    if len(frames) > len(lines):
        lines.insert(0, f"({len(frames) - len(lines)} frames more)")
    last = "".join(traceback.format_exception_only(error)).strip()
    return Failure(
        kind=type(error).__name__, message=str(error), check=check, place=place, traceback="\n".join([*lines, last])
    )
