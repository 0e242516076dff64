"""Running a training with somebody looking on at every step, or stepping in.

Nothing is asked of the author's loop but that it calls `train_step`: that one method is replaced on the network itself,
so that everything else of it is as its loop expects it. Networks that the loop builds for itself are looked at too.
"""

from __future__ import annotations

import inspect
import random
import sys
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

    def built(*args: Any, **named: Any) -> Any:
        trained.append(observed(build(*args, **named), observer))
        return trained[-1]

    build = program.build
    with chance_kept(program.seed):
        network = observed(program.network(), observer)
    trained.append(network)
    error = ""
    with _in_place(program, built), chance_kept(program.seed), np.errstate(all="ignore"):
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
def _in_place(program: Program, built: Callable[..., Any]) -> Iterator[None]:
    """While the loop runs, the name `build` in its file makes networks that are looked at."""
    scope, name = program.scope, "build"
    known = scope.get(name)
    # A class may be asked for its own attributes, and then must stay the class that it is.
    replaced = known is not None and not inspect.isclass(known)
    if replaced:
        scope[name] = built
    try:
        yield
    finally:
        if replaced:
            scope[name] = known


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
    """The network, with `observer` in the place of its `train_step`."""
    own = network.train_step
    names = _names(own)

    def train_step(*args: Any, **named: Any) -> Any:
        given = list(args[:3])
        for name in names[len(given) : 3]:
            if name in named:
                given.append(named.pop(name))
        x, y, *rate = given
        more = args[3:]

        def step(x: Array, y: Array, rate: Any) -> Any:
            return own(x, y, *([] if rate is None else [rate]), *more, **named)

        return observer.step(network, step, x, y, rate[0] if rate else None)

    try:
        network.train_step = train_step
    except AttributeError:  # no attribute can be set
        return _Beside(network, train_step)
    return network


def _names(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ["x", "y", "learning_rate"]


class _Beside:
    """A network on which nothing can be set, with another `train_step`."""

    def __init__(self, network: Any, train_step: Callable[..., Any]) -> None:
        self._network, self.train_step = network, train_step

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._network, name)
