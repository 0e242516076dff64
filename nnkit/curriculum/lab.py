"""The lab: everything that a check may use.

A check gets networks to test (`build`), random numbers (`rng`), data (`dataset`), a progress bar (`progress`) and a
memory shared by the checks of one stage (`once`), so that a network trained for one check is not trained again for
the next. It has no other way to the world, which is what makes a stage repeatable from its seed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from nnkit.curriculum.stage import Blocked, Outcome
from nnkit.datasets import Dataset
from nnkit.diagnosis import CannotRead, Conventions, Form, read_form
from nnkit.diagnosis.experiments import Oddity, OddStart, find_odd_starts
from nnkit.diagnosis.formulas import UNREAD, NotRead
from nnkit.diagnosis.gradient_factor import NO_FACTOR
from nnkit.diagnosis.replay.faults import Examination, examine
from nnkit.diagnosis.standard import OneOfTwo, in_own_words
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
        if sizes[-1] > 1 and not self.several_outputs:
            raise Blocked(f"a network of sizes {sizes} is needed, but {self._why_not_several()}")
        if sizes[-1] == 1 and self._one_of_two:
            two = (*sizes[:-1], 2)
            if self._form(two).output != "softmax":
                raise Blocked(
                    "a network with one output is needed; this builder makes networks with two outputs and more, and "
                    "two that are no softmax cannot be read as one"
                )
            return OneOfTwo(self._form(two).standard(self._build(two, 1000 * self.seed + seed, **options), two))
        return self._form(sizes).standard(self._build(sizes, 1000 * self.seed + seed, **options), sizes)

    def build_as_it_is(self, sizes: tuple[int, ...], seed: int = 0) -> Any:
        """As `build`, but not in standard form: what the contract is about."""
        return self._build(tuple(sizes), 1000 * self.seed + seed)

    @property
    def one_output(self) -> bool:
        """Whether the builder itself makes networks with one output."""
        return not self._one_of_two

    @property
    def several_outputs(self) -> bool:
        """Whether the builder makes networks with several outputs; if not, stages do with one where they can."""
        return self._buildable(3) is None or self._buildable(1) is not None

    def fitted(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """These sizes, with one output where the builder makes no networks with several."""
        return sizes if sizes[-1] == 1 or self.several_outputs else (*sizes[:-1], 1)

    @property
    def _one_of_two(self) -> bool:
        """Whether one output must be had from two: the builder knows two and more, such as those of a softmax, only."""
        return self._buildable(1) is not None and self._buildable(2) is None

    def _why_not_several(self) -> str:
        error = self._buildable(3)
        return f"this builder makes networks with one output only ({type(error).__name__}: {error})"

    def _buildable(self, outputs: int) -> Exception | None:
        """What stands against a network with so many outputs: the exception that building one raises."""
        key = ("buildable", outputs)
        if key not in self._memory:
            try:
                self._build((2, outputs), 1000 * self.seed)
                self._memory[key] = None
            except Exception as error:
                self._memory[key] = error
        reason: Exception | None = self._memory[key]
        return reason

    def read(self, network: Any, sizes: tuple[int, ...]) -> Conventions:
        """How the network of these sizes is to be read. Raises Blocked where nothing can be computed with it."""
        if isinstance(network, OneOfTwo):
            two = self.read(network.two, (*sizes[:-1], 2))
            self.how_read["outputs"] = "two, of which the second is taken where one is asked for"
            loss = "binary_cross_entropy" if two.loss == "cross_entropy" else two.loss
            # The squares of plus and minus half a weight, together, are half of its square.
            squares = (*two.squares[:-2], *(factor / 2 for factor in two.squares[-2:]))
            return replace(two, output="sigmoid", loss=loss, squares=squares)
        form = self._form(tuple(sizes))
        try:
            conventions = form.conventions(network, sizes)
        except CannotRead as error:
            raise Blocked(str(error)) from error
        self.how_read = {**form.words(), "numbers": conventions.dtype}
        return conventions

    def with_factor_named(self, outcome: Outcome, sizes: tuple[int, ...], batches: Sequence[int]) -> Outcome:
        """What came of comparing gradients with the loss, on networks of these sizes and batches of so many samples: a
        warning where they agree but for one positive factor.

        Networks are built with that factor taken out, so whatever the comparison found besides is found as ever.
        """
        form = self._form((*sizes[:-1], 2) if sizes[-1] == 1 and self._one_of_two else sizes)
        factor = form.gradient_factor
        if not factor or not outcome.holds:
            return outcome
        reason = factor.reason(form.reading.summed if form.reading is not None else None)
        words = f"gradients(x, y) is {factor} times the slope of loss(x, y), in all parameters alike"
        ratios = [factor.of(n) for n in batches]
        return replace(
            outcome,
            measured=max(abs(ratio - 1) / max(1.0, ratio) for ratio in ratios),
            message=f"{words}{': ' if reason else ''}{reason}. That is harmless: it only makes another learning rate of "
            f"the one given. With the factor taken out, {outcome.message}",
            headline=f"{reason or words}, which is harmless; {outcome.headline}",
            harmless=True,
        )

    def in_own_words(self, outcome: Outcome, sizes: tuple[int, ...]) -> Outcome:
        """The same, but a failure that names parameters says where its author finds them, in networks of these sizes."""
        if outcome.holds:
            return outcome
        return replace(outcome, message=in_own_words(outcome.message, self.build(sizes)))

    def examine(self, without: frozenset[str] = frozenset()) -> Examination:
        """What is wrong with the network under test, as far as it can be proved. without: causes not to be known."""
        return self.once(self._examine, without)

    def _examine(self, without: frozenset[str]) -> Examination:
        return examine(self._build, self._form, 2 if self.several_outputs else 1, without)

    def other_starts(self) -> Iterator[tuple[OddStart, Builder]]:
        """What is odd about the first weights, each with a builder of the same networks without it."""
        shapes = ((2, 8, 1), (64, 30, 10)) if self.one_output else ((2, 8, 2), (64, 30, 10))
        for start in find_odd_starts(self.build, [*map(self.fitted, shapes)]):

            def build(sizes: tuple[int, ...], seed: int, oddity: Oddity = start.oddity) -> Any:
                network = self._build(sizes, seed)
                oddity.take_away(self._form(tuple(sizes)).standard(network, sizes), seed)
                return network

            yield start, build

    def _form(self, sizes: tuple[int, ...]) -> Form:
        """How networks with so many layers and outputs are written."""
        key = ("form", len(sizes), sizes[-1])
        if key not in self._memory:
            read = read_form(lambda probe: self._build(probe, 1000 * self.seed), sizes)
            # Of two outputs each tells of the other: half of softmax's Jacobian is the whole of it, times a factor. With
            # three that shows.
            doubtful = read.gradient_factor and sizes[-1] == 2 and self._buildable(3) is None
            if doubtful and not self._form((*sizes[:-1], 3)).gradient_factor:
                read = replace(read, gradient_factor=NO_FACTOR)
            self._memory[key] = read
        form: Form = self._memory[key]
        return form

    def reference(self, conventions: Conventions, sizes: tuple[int, ...]) -> Callable[[int], Network]:
        """The shared network, known to be right, with these conventions and sizes: a builder that takes the seed alone.

        Seeds count as in `build`. A hidden activation that the shared network does not have is stood in
        for by tanh, such an output by a sigmoid. Raises
        NotRead where the loss is not known, Blocked where the shared network does not come with output and loss.
        """
        if UNREAD in (conventions.output, conventions.loss):
            raise NotRead("its output activation or its loss function")
        c = conventions
        hidden = c.hidden if c.hidden in ACTIVATIONS else "tanh"
        output = c.output if c.output in (*ACTIVATIONS, "softmax") else "sigmoid"

        def build(seed: int) -> Network:
            return shared.build(sizes, 1000 * self.seed + seed, hidden=hidden, output=output, loss=c.loss)

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
