"""Finding a learning rate by dividing by 3 (source S3.2).

Not-a-number within the first hundred steps means that the rate is too high: divide by 3 until it is gone. The best rate
lies between the rate where trouble begins and a tenth of it. "Trouble" is here not only NaN but also a loss that rises
above where it began, since a loss behind a sigmoid may never overflow however wild the steps are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.training.loop import train
from nnkit.training.schedules import Schedule

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class RateTrial:
    """One rate tried on a fresh network: the loss before and after, and whether it was stable.

    `largest` is the largest loss on the way (inf where it was not finite).
    """

    rate: float
    first: float
    last: float
    largest: float

    @property
    def stable(self) -> bool:
        """It fell, and never stood more than 5 % above its start (small steps on minibatches may raise it by a hair)."""
        return self.last < self.first and not self.troubled

    @property
    def troubled(self) -> bool:
        """The loss rose, or overflowed: the rate is too high. A rate that is too low leaves it where it was."""
        return not self.largest <= 1.05 * self.first


@dataclass(frozen=True)
class RateSearch:
    """boundary: the smallest unstable rate tried (inf if none was); best: of the stable rates below all trouble the one
    that got lowest; trials in the order tried, from the highest rate down. `best` is NaN where there is no such rate."""

    trials: tuple[RateTrial, ...]
    boundary: float
    best: float

    @property
    def middle(self) -> float:
        """By factor, between `best` and the better of its neighbours: a short trial does not tell neighbours apart.

        Neighbours are stable, too, with no trouble below them. Where there is none, it is `best`; without one, NaN.
        """
        trouble = min((trial.rate for trial in self.trials if trial.troubled), default=float("inf"))
        good = [trial for trial in self.trials if trial.stable and trial.rate < trouble]
        at = next((k for k, trial in enumerate(good) if trial.rate == self.best), None)
        if at is None:
            return float("nan")
        neighbours = [*good[max(0, at - 1) : at], *good[at + 1 : at + 2]]
        nearest = min(neighbours, key=lambda trial: trial.last, default=good[at])
        return float(np.sqrt(self.best * nearest.rate))


def divide_by_3(
    build: Callable[[], Any],
    x: Array,
    y: Array,
    *,
    start: float = 30.0,
    steps: int = 100,
    batch_size: int | None = None,
    seed: int = 0,
    smallest: float = 1e-7,
    stable_trials: int = 4,
    past_best: int = 0,
    goal: float = float("inf"),
    schedule: Callable[[float], Schedule] | None = None,
    watched: tuple[Array, Array] | None = None,
    give_up: float = float("inf"),
) -> RateSearch:
    """Try `start`, `start`/3, ... on a fresh network each, until `stable_trials` rates in a row were stable.

    Four stable rates span a factor of 27, so the best of "one to one tenth of the boundary" is among them; `smallest`
    ends the search on a network that no rate helps. `build()` gives the network, always with the same seed.
    From a start with a large loss, wild rates can look stable; `past_best` asks for so many rates below the best one.
    Behind a sigmoid no loss overflows, and a rate that throws all outputs to one end for good looks stable, too; the
    search goes on until a stable rate ends below `goal`, such as the loss of a guess. There, too, one wild throw may land
    well by luck; what is stable above a rate that was not is such luck, and not taken.

    `schedule(rate)` is how the rate changes during a trial (default: it does not); with the schedule of the training
    to come, a trial is that training in miniature. Where x, y are many, `watched` is the part whose loss decides, and
    `give_up` ends a hopeless trial early (see `train`): its `last` is then the loss at that moment.
    """
    trials: list[RateTrial] = []
    good: list[RateTrial] = []  # the stable ones below all trouble so far
    rate, stable, since_best, lowest = start, 0, 0, float("inf")
    with np.errstate(all="ignore"):
        while rate >= smallest and (stable < stable_trials or since_best < past_best or lowest >= goal):
            history = train(
                build(), x, y, steps=steps, learning_rate=schedule(rate) if schedule else rate, batch_size=batch_size,
                rng=np.random.default_rng(seed), record_every=1 if batch_size is None else max(1, steps // 20),
                watched=watched, give_up=give_up,
            )  # fmt: skip
            loss = np.array(history.loss)
            largest = float(loss.max()) if np.isfinite(loss).all() else float("inf")
            trials.append(RateTrial(rate, float(loss[0]), float(loss[-1]), largest))
            stable = stable + 1 if trials[-1].stable else 0
            if trials[-1].troubled:
                good = []
            elif trials[-1].stable:
                good.append(trials[-1])
            lowest = min((trial.last for trial in good), default=np.inf)
            since_best = 0 if trials[-1].last <= lowest else since_best + 1
            rate /= 3
    best = min(good, key=lambda trial: trial.last).rate if good else float("nan")
    boundary = min((trial.rate for trial in trials if not trial.stable), default=float("inf"))
    return RateSearch(tuple(trials), boundary, best)
