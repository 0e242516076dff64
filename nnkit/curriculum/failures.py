"""An exception inside a check, told from the side of whoever wrote the network: their own file and line first."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
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
    last = "".join(traceback.format_exception_only(error)).strip()
    last = re.sub(r"^nnkit_[0-9a-f]{12}_", "", last)  # an exception of their own: `run_file` gave its module a prefix
    try:
        message = str(error)
    except Exception:  # an exception of the network's own, whose own words fail
        message = last
    if isinstance(error, Blocked):
        return Failure(kind="Blocked", message=message, check=check)
    if isinstance(error, AttributeError) and error.name in METHODS and type(error.obj).__name__ != "module":
        lack = f"{network.name} gives a {type(error.obj).__name__} without {METHODS[error.name]}"
        return Failure(kind="Blocked", message=f"{lack} Add this method to it.", check=check)
    if isinstance(error, NotImplementedError):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        lack = f"{frame.name}() is not written yet ({Path(frame.filename).name}, line {frame.lineno})"
        return Failure(kind="Blocked", message=f"{lack}: {message}." if message else f"{lack}.", check=check)
    if isinstance(error, SystemExit):
        message = f"it asked the whole program to end ({last}), and a network may not: raise an exception, or return"
    frames = traceback.extract_tb(error.__traceback__)
    return tell(type(error).__name__, message, check, frames, stage, network, last=last)


def tell(
    kind: str,
    message: str,
    check: str,
    frames: Iterable[traceback.FrameSummary],
    stage: Stage | None,
    network: NetworkSource,
    last: str = "",
) -> Failure:
    """A failure with its place and traceback, from the frames of the stack, the outermost first."""
    networks = {_ascii(path): str(path.relative_to(network.root)) for path in network.files().values()}
    stages = {} if stage is None else {_ascii(stage.path): stage.source}
    names = {**stages, **networks}
    shown = [
        frame for frame in frames if _ascii(frame.filename) in names or not Path(frame.filename).is_relative_to(PACKAGE)
    ]
    place = ""
    for theirs in (networks, stages):
        inside = [frame for frame in shown if _ascii(frame.filename) in theirs]
        if inside:
            place = f"{theirs[_ascii(inside[-1].filename)]}:{inside[-1].lineno} in {inside[-1].name}"
            break
    lines = []
    for frame in shown[-_FRAMES_SHOWN:]:
        name = names.get(_ascii(frame.filename)) or frame.filename.rpartition("site-packages")[2].lstrip("/\\")
        lines.append(f"{name}:{frame.lineno} in {frame.name}\n    {frame.line}")
    if len(shown) > len(lines):
        lines.insert(0, f"({len(shown) - len(lines)} frames more)")
    text = "\n".join([*lines, last]).strip()
    return Failure(kind=kind, message=message, check=check, place=place, traceback=text)


def _ascii(path: object) -> str:
    """A path as faulthandler writes it: it escapes what is not ASCII."""
    return str(path).encode("ascii", "backslashreplace").decode("ascii")
