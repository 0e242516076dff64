"""The lab: everything that a check may use.

A check gets networks to test (`build`), random numbers (`rng`), data (`dataset`), a progress bar (`progress`) and a
memory shared by the checks of one stage (`once`), so that a network trained for one check is not trained again for
the next. It has no other way to the world, which is what makes a stage repeatable from its seed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from nnkit.curriculum.stage import Blocked
from nnkit.datasets import Dataset
from nnkit.diagnosis import CannotRead, Conventions, Form, read_form
from nnkit.diagnosis.formulas import UNREAD, NotRead
from nnkit.network import ACTIVATIONS, Network
from nnkit.subjects import shared

T = TypeVar("T")

#: builds a network under test: build(sizes, seed), or build(sizes, seed, dtype=...) where it can choose its float type
Builder = Callable[..., Any]
#: shows how far a piece of long work is: called with (label, done, total)
ShowProgress = Callable[[str, int, int], None]


class Lab:
    """What the checks of one stage work with.

    build_network: the network under test as `build(sizes, seed)`; stage: the stage's number; seed: of the whole run;
    load_data: called at most once a stage, on first use; show: progress callback, or None.
    """

    def __init__(
        self,
        build_network: Builder,
        *,
        stage: int,
        seed: int = 0,
        load_data: Callable[[], Dataset] | None = None,
        show: ShowProgress | None = None,
    ) -> None:
        self.stage = stage
        self.seed = seed
        self._build = build_network
        self._load_data = load_data
        self._show = show
        self._memory: dict[Any, Any] = {}
        #: how the network was last read, in words; kept with the result, for the page
        self.how_read: dict[str, str] = {}

    def build(self, sizes: tuple[int, ...], seed: int = 0, dtype: str | None = None) -> Any:
        """A new network of these sizes, in standard form. `seed` counts from the seed of the run: the same seed, the same
        network.

        `dtype` is passed on only where the builder has such a parameter; others keep the float type they have.
        """
        options = {"dtype": dtype} if dtype is not None and _accepts(self._build, "dtype") else {}
        sizes = tuple(sizes)
        return self._form(sizes).standard(self._build(sizes, 1000 * self.seed + seed, **options), sizes)

    def read(self, network: Any, sizes: tuple[int, ...]) -> Conventions:
        """How the network of these sizes is to be read. Raises Blocked where nothing can be computed with it."""
        form = self._form(tuple(sizes))
        try:
            conventions = form.conventions(network, sizes)
        except CannotRead as error:
            raise Blocked(str(error)) from error
        self.how_read = {**form.words(), "numbers": conventions.dtype}
        return conventions

    def _form(self, sizes: tuple[int, ...]) -> Form:
        """How networks with so many layers and outputs are written."""
        key = ("form", len(sizes), sizes[-1])
        if key not in self._memory:
            self._memory[key] = read_form(lambda probe: self._build(probe, 1000 * self.seed), sizes)
        form: Form = self._memory[key]
        return form

    def reference(self, conventions: Conventions, sizes: tuple[int, ...]) -> Callable[[int], Network]:
        """The shared network, known to be right, with these conventions and sizes: a builder that takes the seed alone.

        Seeds count as in `build`. An activation that the shared network does not have is stood in for by tanh. Raises
        NotRead where the loss is not known, Blocked where the shared network does not come with output and loss.
        """
        if UNREAD in (conventions.output, conventions.loss):
            raise NotRead("its output activation or its loss function")
        hidden = conventions.hidden if conventions.hidden in ACTIVATIONS else "tanh"

        def build(seed: int) -> Network:
            c = conventions
            return shared.build(sizes, 1000 * self.seed + seed, hidden=hidden, output=c.output, loss=c.loss)

        try:
            build(0)
        except ValueError as error:
            raise Blocked(f"there is no reference network to compare with: {error}") from error
        return build

    def rng(self, *key: int) -> np.random.Generator:
        """A generator of its own for each (run seed, stage, key)."""
        return np.random.default_rng([self.seed, self.stage, *key])

    def dataset(self) -> Dataset:
        """The digit images: MNIST where it can be had, else the embedded digits."""
        if self._load_data is None:
            raise RuntimeError("this stage did not say uses_data=True, so it has no data set")
        load = self._load_data
        return self.once(load)

    def once(self, work: Callable[..., T], *args: Any) -> T:
        """`work(*args)`, computed at most once in a stage for these arguments (which must be hashable)."""
        key = (work, args)
        if key not in self._memory:
            self._memory[key] = work(*args)
        result: T = self._memory[key]
        return result

    def progress(self, items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """Go through `items`, showing how far it is."""
        if total is None:
            items = list(items)
            total = len(items)
        for done, item in enumerate(items):
            if self._show is not None:
                self._show(label, done, total)
            yield item
        if self._show is not None:
            self._show(label, total, total)


def _accepts(function: Builder, name: str) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters
