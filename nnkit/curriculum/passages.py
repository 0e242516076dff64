"""Where in its author's own files to look for a fault: the functions that the wrong operation runs through, and the line
after which its wrong numbers are there for the first time. Of an update, that is the first line that changes parameters.

Nothing is guessed from names or from the text. A small network is asked once more, and watched line by line while it
answers. Functions that the right operations run through too are left out.
"""

from __future__ import annotations

import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FrameType
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.results import Passage
from nnkit.diagnosis import Form
from nnkit.diagnosis.replay.finding import Finding

Array = npt.NDArray[Any]
Sizes = tuple[int, ...]
#: (sizes, seed) -> a network as its author wrote it
Build = Callable[[Sizes, int], Any]
#: whether one of these values is what is looked for
Found = Callable[[Sequence[Any]], bool]

#: the method that an operation belongs to, and those whose functions have nothing to do with it
_METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "forward": ("forward", ()),
    "loss": ("loss", ("forward",)),
    "delta": ("gradients", ("forward", "loss")),
    "weight-gradient": ("gradients", ("forward", "loss")),
    "bias-gradient": ("gradients", ("forward", "loss")),
    "gradient": ("gradients", ("forward", "loss")),
    "batch": ("gradients", ("forward", "loss")),
    "update": ("train_step", ("forward", "loss", "gradients")),
}
#: what writes into what it is given, and which argument that is
_MODIFIED = {"input-modified": 0, "targets-modified": 1}
#: passages of one fault, and lines of the source that are shown of each
MOST, LINES_SHOWN = 3, 25
#: a network that runs through more lines than this, for a handful of samples, is not watched to the end
_MOST_STEPS = 20_000
#: one number is the same as another to within this, of the largest: arrangement and factor may have cost a rounding
_SAME = {np.dtype(np.float32): 1e-6}
#: of a long list, so many are looked at
_MOST_HELD = 100
_RATE = 0.03125


@dataclass
class _Watch:
    """What happened in the network's own files. found: told of what each function holds after each of its lines."""

    files: Mapping[str, str]
    found: Found | None = None
    #: functions in the order in which they were entered first, with the line of the caller that called them
    entered: dict[CodeType, tuple[CodeType, int] | None] = field(default_factory=dict)
    ran: dict[CodeType, set[int]] = field(default_factory=dict)
    #: the line after which it was found
    at: tuple[CodeType, int] | None = None
    steps: int = 0
    _last: dict[FrameType, int] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)
            self._last.clear()

    def _called(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code.co_filename not in self.files or code.co_name == "<module>":
            return None
        self.entered.setdefault(code, self._caller(frame))
        return self._stepped

    def _caller(self, frame: FrameType) -> tuple[CodeType, int] | None:
        above = frame.f_back
        while above is not None and (above.f_code.co_filename not in self.files or _nameless(above.f_code)):
            above = above.f_back
        return None if above is None else (above.f_code, above.f_lineno)

    def _stepped(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event not in ("line", "return"):
            return self._stepped
        self.steps += 1
        last = self._last.get(frame)
        if self.found is not None and self.at is None and last is not None and self.steps < _MOST_STEPS:
            values = [*frame.f_locals.values(), *([argument] if event == "return" else [])]
            with suppress(Exception):
                if self.found(values):
                    self.at = (frame.f_code, last)
        if event == "line":
            self._last[frame] = frame.f_lineno
            self.ran.setdefault(frame.f_code, set()).add(frame.f_lineno)
        return self._stepped


def passages(
    finding: Finding, build: Build, form_of: Callable[[Sizes], Form], files: Mapping[str, str]
) -> tuple[Passage, ...]:
    """At most three, that with the line first. files: path to name of the network's own. Empty where nothing is known."""
    with suppress(Exception):
        if finding.operation == "initialisation":
            sizes = next(_sizes(build, finding.layers))
            watch = _Watch(files)
            with watch.watching():
                build(sizes, 0)
            return _told(watch, set(), files)
        if finding.operation in _METHODS:
            sizes = next(_sizes(build, finding.layers))
            return _Asking(finding, build, form_of(sizes), sizes, files).passages()
    return ()


def _sizes(build: Build, layers: int | None) -> Iterator[Sizes]:
    """Sizes of networks that can be built, with so many layers."""
    few: dict[int | None, list[Sizes]] = {1: [(4, 3), (4, 1)], 2: [(3, 4, 2), (3, 4, 1)]}
    for sizes in few.get(layers, [(5, 4, 2, 3), (5, 4, 2, 1)]):
        with suppress(Exception):
            build(sizes, 0)
            yield sizes


@dataclass(frozen=True)
class _Asking:
    finding: Finding
    build: Build
    form: Form
    sizes: Sizes
    files: Mapping[str, str]

    def passages(self) -> tuple[Passage, ...]:
        method, others = _METHODS[self.finding.operation]
        watch, network = _Watch(self.files), self._new()
        ask = self._question(network, method)
        with suppress(Exception):
            if self.finding.cause in _MODIFIED:
                watch.found = _changed(ask.args[_MODIFIED[self.finding.cause]])
            else:
                watch.found = self._sought(method, network)
            if watch.found is not None and watch.found([vars(network)]):
                watch.found = None  # it was there before
        with watch.watching():
            ask()
        elsewhere: set[CodeType] = set()
        for other in ("parameters", *others):
            beside, ask = _Watch(self.files), self._question(self._new(), other)
            with suppress(Exception), beside.watching():
                ask()
            elsewhere |= set(beside.entered)
        return _told(watch, elsewhere, self.files)

    def _new(self) -> Any:
        return self.build(self.sizes, 0)

    def _question(self, network: Any, method: str) -> partial[Any]:
        """A call of that method, ready to be made."""
        rng = np.random.default_rng(0)
        dtype = np.asarray(network.parameters()[0]).dtype
        # For one sample, the gradient of a bias is the delta.
        n = 1 if self.finding.operation in ("delta", "weight-gradient") else 3
        x = rng.uniform(0.1, 1, (n, self.sizes[0])).astype(dtype)
        y = np.eye(max(self.sizes[-1], 2))[[1, 0, 1][:n]][:, : self.sizes[-1]].astype(dtype)
        arguments = {"parameters": (), "forward": (x,), "train_step": (x, y, _RATE)}.get(method, (x, y))
        return partial(getattr(network, method), *arguments)

    def _sought(self, method: str, network: Any) -> Found | None:
        """What the wrong numbers are known by; None where there is nothing to know them by.

        network: the one that is going to be watched. It is left as it is: another one of the same seed is asked.
        """
        layer, parameter = self.finding.layer, self.finding.parameter
        if method == "train_step":
            return _moved(self.form.standard(network, self.sizes), layer, parameter)
        answer = self._question(self._new(), method)()
        if method == "loss":
            return _holding(np.asarray(answer))
        if method == "forward":
            return _holding(np.asarray(answer)) if layer == len(self.sizes) - 1 else None
        if self.finding.cause == "gradient-clipped":
            return _holding(max(map(np.asarray, answer), key=np.size))
        if layer is None or (self.finding.operation == "batch" and parameter is None):
            return None
        standard = self._question(self.form.standard(self._new(), self.sizes), method)()
        of_bias = parameter.startswith("b") if parameter else self.finding.operation == "delta"
        sought = np.asarray(standard[2 * (layer - 1) + of_bias])
        return _holding(next((own for own in map(np.asarray, answer) if _proportional(own, sought)), sought))


def _changed(array: Array) -> Found:
    """Whether this array, which was handed in, has been written into."""
    before = array.copy()
    return lambda values: not np.array_equal(array, before)


def _moved(network: Any, layer: int | None, parameter: str | None) -> Found:
    """Whether a parameter (that one, where it is known) has moved."""
    which = slice(None)
    if layer is not None and parameter is not None:
        k = 2 * (layer - 1) + parameter.startswith("b")
        which = slice(k, k + 1)
    start = [np.array(array) for array in network.parameters()]

    def found(values: Sequence[Any]) -> bool:
        now = network.parameters()
        return any(not np.array_equal(a, b) for a, b in zip(start[which], now[which], strict=True))

    return found


def _holding(sought: Array) -> Found | None:
    """Whether one of the values holds these numbers, in any arrangement; None for numbers that anything may hold."""
    numbers = np.sort(np.asarray(sought, np.float64).ravel())
    if not np.isfinite(numbers).all() or np.unique(numbers).size < min(numbers.size, 2) or (numbers % 1 == 0).any():
        return None
    near = _SAME.get(sought.dtype, 1e-12) * np.abs(numbers).max()

    def same(value: Any, depth: int) -> bool:
        if isinstance(value, (list, tuple)) and depth:
            if len(value) == numbers.size and all(isinstance(one, float) for one in value):
                return same(np.array(value), 0)
            return any(same(one, depth - 1) for one in value[:_MOST_HELD])
        if isinstance(value, dict) and depth:
            return any(same(one, depth - 1) for one in list(value.values())[:_MOST_HELD])
        if hasattr(value, "detach"):  # a tensor of PyTorch's
            value = value.detach().numpy()
        if isinstance(value, (np.ndarray, np.floating, float)):
            array = np.asarray(value)
            return (
                array.size == numbers.size
                and array.dtype.kind == "f"
                and bool(np.abs(np.sort(array.ravel()) - numbers).max() <= near)
            )
        return depth > 1 and hasattr(value, "__dict__") and same(dict(vars(value)), depth - 1)

    return lambda values: any(same(value, 2) for value in values)


def _proportional(own: Array, standard: Array) -> bool:
    """Whether these are the same numbers but for arrangement and one factor."""
    if own.size != standard.size:
        return False
    a, b = np.sort(own.ravel()), np.sort(standard.ravel())
    return bool(np.allclose(a * np.abs(b).max(), b * np.abs(a).max(), rtol=1e-6, atol=0))


def _told(watch: _Watch, elsewhere: set[CodeType], files: Mapping[str, str]) -> tuple[Passage, ...]:
    """The function that holds the line, and those that the line calls; without a line, those that run through most.

    One that only hands on to another is left out.
    """
    own = {code: caller for code, caller in watch.entered.items() if code not in elsewhere and not _nameless(code)}
    if watch.at is not None:
        code, line = watch.at
        while _nameless(code) and (caller := watch.entered.get(code)) is not None:
            code = caller[0]
        below = [other for other, caller in own.items() if caller == (code, line) and other is not code]
        return tuple(_passage(one, line if one is code else None, watch, files) for one in [code, *below][:MOST])
    callers = {caller[0] for caller in own.values() if caller is not None}
    handing_on = {code for code in callers if len(watch.ran.get(code, ())) == 1}  # such as: return self.backward(x, y)
    own = {code: caller for code, caller in own.items() if code not in handing_on}
    most = sorted(own, key=lambda code: -len(watch.ran.get(code, ())))[:MOST]
    return tuple(_passage(code, None, watch, files) for code in own if code in most)


def _nameless(code: CodeType) -> bool:
    """Whether it is a comprehension or the like, which is told by the function that it stands in."""
    return code.co_name.startswith("<") and code.co_name != "<lambda>"


def _passage(code: CodeType, line: int | None, watch: _Watch, files: Mapping[str, str]) -> Passage:
    linecache.checkcache(code.co_filename)
    source, first = inspect.getsourcelines(code)
    last = first + len(source) - 1
    start = first if line is None else max(first, min(line - LINES_SHOWN // 2, last - LINES_SHOWN + 1))
    shown = textwrap.dedent("".join(source[start - first : start - first + LINES_SHOWN])).splitlines()
    caller = watch.entered.get(code)
    return Passage(
        file=files[code.co_filename], function=code.co_name.strip("<>"), first=first, last=last, line=line,
        called_by="" if caller is None else caller[0].co_name.strip("<>"),
        called_at=None if caller is None else caller[1], shown=shown, shown_from=start,
    )  # fmt: skip
