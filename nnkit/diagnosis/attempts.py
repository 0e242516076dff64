"""Attempts at small tasks: what counts as learned, at which rates it is tried, and how one attempt goes.

An attempt trains a fresh network until it has learned its task, stands still, or has had its steps. What counts as
learned is a bound on the loss that leaves no room for a wrong answer. A wrong answer lies on the wrong side of 1/2, so
it alone costs ln 2 (cross-entropy) or 1/4 (squared error), which is also the mean loss of somebody who always says 1/2:
the *floor* of everyone who cannot tell the cases apart. With n cases, a mean below floor / n means that every one of
them is right. Where single outputs are looked at, each must be on its side of 1/2 by a margin.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions, get_parameters
from nnkit.diagnosis.formulas import UNREAD, NotRead
from nnkit.diagnosis.loss_levels import blind_loss
from nnkit.training import RateSearch, divide_by_3

Array = npt.NDArray[Any]
T = TypeVar("T")
Ending = Literal["learned", "stands still", "out of steps", "not finite"]

#: An output decides when it is this far from one half: far beyond rounding (1e-7 in float32), and still so near that
#: training need not go on until the outputs saturate.
MARGIN = 0.1
#: the loss is looked at after each of the first steps, then after each so many
FIRST_LOOKS = 20
LOOK_EVERY = 10
#: a run may stand still for so many steps before it counts as stuck: plateaus that are left again are shorter
PATIENCE = 1000
#: standing still: over the later half of its steps the loss fell by less than this share of itself
STANDSTILL = 0.01
#: seeds on which the learning rate is searched
SEARCHES = 3


@dataclass(eq=False)
class Attempt:
    """How it went: `steps` at which the loss was looked at and the `loss` at each, how it ended, and the network."""

    seed: int
    network: Any
    ending: Ending = "out of steps"
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    #: the parameters before the first step
    start: list[Array] = field(default_factory=list)

    @property
    def learned(self) -> bool:
        return self.ending == "learned"


def chance_level(loss: str) -> float:
    """The loss of a network that says 1/2 to everything, in nats or squared units: what one wrong answer costs, too."""
    if loss == UNREAD:
        raise NotRead("its loss function")
    return 0.25 if loss == "mse" else math.log(2)


def guess_at_and(conventions: Conventions) -> float:
    """The loss of the best constant answer to AND, 1/4: a rate that does not get below it has seen no input, but may have
    thrown all outputs to the flat end of 0, which is below most starts. Infinite where the loss does not tell."""
    return math.inf if conventions.penalised or conventions.loss == UNREAD else blind_loss(conventions.loss, 4)


def target(conventions: Conventions, part: float) -> float | None:
    """A `part`-th of the floor; None where the loss does not tell: it is not known, or has a penalty in it, which may be
    larger than what is left when every answer is right."""
    return None if conventions.penalised or conventions.loss == UNREAD else chance_level(conventions.loss) / part


def attempt(
    network: Any,
    x: Array,
    y: Array,
    *,
    rate: float,
    target_loss: float | None,
    steps: int = 5000,
    seed: int = 0,
    patience: int = PATIENCE,
    on_look: Callable[[int], None] | None = None,
) -> Attempt:
    """Train with the network's own `train_step` on all of x, y. `on_look(step)` is called whenever the loss is.

    target_loss: at or below it the task is learned; None where the loss does not say so: then it is learned when each
    output `decides`. patience: how many steps it may stand still at the beginning.
    """
    run = Attempt(seed, network, start=get_parameters(network))

    def look(step: int) -> bool:
        """Note the loss; whether to stop."""
        loss = float(network.loss(x, y))
        run.steps.append(step)
        run.loss.append(loss)
        if on_look is not None:
            on_look(step)
        if not math.isfinite(loss):
            run.ending = "not finite"
        elif decides(network.forward(x), y) if target_loss is None else loss <= target_loss:
            run.ending = "learned"
        elif step >= patience and loss > (1 - STANDSTILL) * run.loss[bisect_left(run.steps, step // 2)]:
            run.ending = "stands still"
        return run.ending != "out of steps"

    if look(0):
        return run
    for step in range(1, steps + 1):
        network.train_step(x, y, rate)
        if (step <= FIRST_LOOKS or step % LOOK_EVERY == 0) and look(step):
            break
    return run


def search_rate(build: Callable[[int], Any], x: Array, y: Array) -> tuple[float, list[RateSearch]]:
    """A learning rate that serves many seeds: a third of the lowest of those found by dividing by 3 on a few seeds.

    The best rate lies between the boundary of trouble and a tenth of it (source S3.2); where a hundred seeds shall be
    trained with one rate, some start in harder places than the few that were searched, hence the further third.
    `build(seed)` makes a network. NaN where no seed has a stable rate.
    """
    searches = [divide_by_3(lambda s=seed: build(s), x, y) for seed in range(SEARCHES)]  # type: ignore[misc]
    found = [search.best for search in searches if math.isfinite(search.best)]
    return (min(found) / 3 if found else math.nan), searches


def decides(p: Array, y: Array) -> bool:
    """Whether each output p is on the side of one half where y (0 or 1, same shape) is, by at least `MARGIN`.

    Not-a-number is on no side.
    """
    return bool(np.all(np.where(y > 0.5, p - 0.5, 0.5 - p) >= MARGIN))


def right_answers(p: Array, y: Array) -> int:
    """How many outputs p are on the side of one half where y (0 or 1, same shape) is. Not-a-number is no answer."""
    return int(np.sum(np.where(y > 0.5, p > 0.5, p <= 0.5)))


def at_lower_rates(best: float, work: Callable[[float], T], worked: Callable[[T], bool]) -> list[T]:
    """`work(rate)` at the best rate of a search, a third and a ninth of it: the results, up to the first that worked.

    The search saw one start and a short training. From another start, or later on, smaller steps may be needed; the
    best rate lies within a tenth of the boundary of trouble (source S3.2), so a ninth is as far as one has to go.
    """
    results: list[T] = []
    for divisor in (1, 3, 9):
        results.append(work(best / divisor))
        if worked(results[-1]):
            break
    return results


def from_every_start(
    search: Callable[[int], float],
    starts: Callable[[], Iterable[int]],
    work: Callable[[float, int], T],
    worked: Callable[[T], bool],
) -> list[T]:
    """`work(rate, start)` for each of the starts 0, 1, ..., all at one rate: the results, up to the first that did not work.

    The rate is that of `search(0)`, or a lower one (`at_lower_rates`). Behind a flat activation a rate that suits one start
    may throw another onto its flat end, a hundred times below the boundary of the first; so where one fails, the search is
    made again from that start, as long as it finds a lower rate.
    """

    def all_at(rate: float) -> list[T]:
        return up_to_a_failure(starts(), lambda start: work(rate, start), worked)

    rate = search(0)
    while True:
        results = at_lower_rates(rate, all_at, lambda these: all(map(worked, these)))[-1]
        if all(map(worked, results)):
            return results
        lower = search(len(results) - 1)
        if not lower < rate:
            return results
        rate = lower


def up_to_a_failure(starts: Iterable[int], work: Callable[[int], T], worked: Callable[[T], bool]) -> list[T]:
    """`work(start)` for each start, up to the first that did not work: where all must, one failure is enough."""
    results: list[T] = []
    for start in starts:
        results.append(work(start))
        if not worked(results[-1]):
            break
    return results


def outputs(network: Any, x: Array) -> Array:
    """The network's outputs (n,) of a single output unit, in float64."""
    return np.asarray(network.forward(x), dtype=np.float64)[:, 0]
