"""Running a training with somebody looking on at every step, or stepping in.

Nothing is asked of the author's loop but that it calls `train_step`: that one method of the network is exchanged,
so that everything else of it is as its loop expects it. Networks that the loop builds for itself are looked at too.
"""

from __future__ import annotations

import functools
import inspect
import random
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis import clock
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]
#: train_step(x, y, learning_rate) of the network itself
Step = Callable[[Array, Array, Any], Any]


class Enough(BaseException):
    """Raised inside the loop to end it. No Exception, so that a loop that catches these ends all the same."""


class Observer(Protocol):
    """What happens in the place of every single update: `own(x, y, rate)`, and whatever else. May raise `Enough`."""

    def step(self, network: Any, own: Step, x: Array, y: Array, rate: Any) -> Any: ...

    def looked(self, x: Array) -> None:
        """The loop asks for the outputs or the loss of these rows."""


class Deadline:
    """When something has to end: `reached` after so many seconds, or so many steps."""

    def __init__(self, seconds: float, steps: int | None = None) -> None:
        self._end, self._steps = clock.now() + seconds, steps

    def reached(self, steps: int) -> bool:
        return (self._steps is not None and steps >= self._steps) or clock.now() > self._end


def fit_observed(program: Program, observer: Observer) -> tuple[Any, str]:
    """Train a fresh network of the program: (the network that was trained last, what the loop raised or "").

    An exception of the loop ends the training, as it would by itself, and is told. What `build` raises comes out.
    """
    trained = []

    def watch(network: Any) -> Any:
        trained.append(observed(network, observer))
        return trained[-1]

    with chance_kept(program.seed):
        network = observed(program.network(), observer)
    trained.append(network)
    error = ""
    with _built_under_watch(program, watch), chance_kept(program.seed), np.errstate(all="ignore"):
        try:
            program.fit(network, *_lent(program), program.seed)
        except Enough:
            pass
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
    return trained[-1], error


#: the last arrays that were lent: to fill the same memory again is a good deal quicker than to ask for more
_LENT: dict[str, Array] = {}


def _lent(program: Program) -> tuple[Array, Array]:
    """Copies of the training data, which the loop may shuffle or scale in place. They are good until the next call."""
    for name, array in (("x", program.x), ("y", program.y)):
        if name not in _LENT or (_LENT[name].shape, _LENT[name].dtype) != (array.shape, array.dtype):
            _LENT[name] = np.empty_like(array, order="C")
        np.copyto(_LENT[name], array)
    return _LENT["x"], _LENT["y"]


@contextmanager
def _built_under_watch(program: Program, watch: Callable[[Any], Any]) -> Iterator[None]:
    """While the loop runs, the name `build` in its file makes networks that are watched."""
    scope = program.scope
    known = scope.get("build")
    if known is None:
        yield
        return
    if inspect.isclass(known):  # it may be asked for its attributes, and what it is

        def begin(self: Any, *args: Any, **named: Any) -> None:
            known.__init__(self, *args, **named)
            watch(self)

        body = {"__init__": begin, "__module__": known.__module__}
        scope["build"] = types.new_class(known.__name__, (known,), exec_body=lambda space: space.update(body))
    else:
        scope["build"] = lambda *args, **named: watch(known(*args, **named))
    try:
        yield
    finally:
        scope["build"] = known


@contextmanager
def chance_kept(seed: int | None = None) -> Iterator[None]:
    """The random generators that everybody shares, set to `seed` where there is one, and put back after it: two runs of
    one program draw the same numbers, whoever drew some in between."""
    torch = sys.modules.get("torch")
    kept = np.random.get_state(), random.getstate(), torch.get_rng_state() if torch else None  # noqa: NPY002
    if seed is not None:
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)
        if torch:
            torch.manual_seed(seed)
    try:
        yield
    finally:
        np.random.set_state(kept[0])  # noqa: NPY002
        random.setstate(kept[1])
        if torch:
            torch.set_rng_state(kept[2])


def observed(network: Any, observer: Observer) -> Any:
    """The network itself, of a class of its own now, in which its `train_step` is the observer's; copies that a loop makes
    of it work as they would alone. Where its class cannot be exchanged, its attributes are; else it is a proxy."""
    watch = _Watch(observer)
    kind = type(network)
    if not any(name in getattr(network, "__dict__", {}) for name in _WATCHED):
        try:
            network.__class__ = _class(kind, watch)
            return network
        except TypeError:
            pass
    own = {name: watch.around(name, getattr(network, name), network) for name in _WATCHED if hasattr(network, name)}
    try:
        for name, method in own.items():
            setattr(network, name, method)
    except AttributeError:  # no attribute can be set
        return _Beside(network, own)
    return network


_WATCHED = ("train_step", "forward", "loss")


class _Watch:
    """Calls from outside of a network's own methods, told to the observer."""

    def __init__(self, observer: Observer) -> None:
        self._observer, self._inside = observer, False

    def around(self, name: str, own: Callable[..., Any], network: Any) -> Callable[..., Any]:
        if name == "train_step":
            return functools.partial(self._step, network, own)
        return functools.partial(self._look, own)

    def _step(self, network: Any, own: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        given = list(args[:3])
        for name in _names(own)[len(given) : 3] if named else ():
            if name in named:
                given.append(named.pop(name))
        x, y, *rate = given

        def step(x: Array, y: Array, rate: Any) -> Any:
            return own(x, y, *([] if rate is None else [rate]), *args[3:], **named)

        before, self._inside = self._inside, True
        try:
            return self._observer.step(network, step, x, y, rate[0] if rate else None)
        finally:
            self._inside = before

    def _look(self, own: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        if not self._inside and args:
            self._observer.looked(args[0])
        before, self._inside = self._inside, True
        try:
            return own(*args, **named)
        finally:
            self._inside = before


def _class(kind: type[Any], watch: _Watch) -> type[Any]:
    """A class like `kind`, whose objects are watched."""

    def watched(name: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **named: Any) -> Any:
            return watch.around(name, functools.partial(getattr(kind, name), self), self)(*args, **named)

        return method

    body: dict[str, Any] = {name: watched(name) for name in _WATCHED if hasattr(kind, name)}
    for hidden in ("__module__", "__qualname__", "__doc__"):
        body[hidden] = getattr(kind, hidden)
    made: type[Any] = types.new_class(
        kind.__name__, (kind,), exec_body=lambda space: space.update(__slots__=(), **body)
    )
    return made


def _names(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ["x", "y", "learning_rate"]


class _Beside:
    """A network on which nothing can be set, with other methods."""

    def __init__(self, network: Any, methods: dict[str, Callable[..., Any]]) -> None:
        self._network = network
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._network, name)
