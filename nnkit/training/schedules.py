"""Schedules: the learning rate in the course of a training.

A `Schedule` is a function of how much of the training is done, from 0 (the first step) up to but not including 1, and
gives the rate of the next step. Every length in here is such a share, too: `after=0.3` means 30 % of the training,
which is `after=k / steps` for k of its steps. A schedule then need not know how long a training is, and the same one
serves a trial of a hundred steps and the training of ten epochs that it stands for.

What depends on how training goes, and not on the share alone, is no such function: see `Plateau`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: learning rate as a function of how much of the training is done, from 0 to 1
Schedule = Callable[[float], float]


def step_decay(peak: float, after: float = 0.3, every: float = 0.1, divide_by: float = 1.5) -> Schedule:
    """`peak` until `after` is done; there, and then every `every`, divided by `divide_by` (source S3.7).

    "After k iterations, divide by 1.5 every n" is after=k / steps, every=n / steps: the first division is at k.
    """
    if not every > 0:
        raise ValueError(f"every is the positive share of training from one division to the next; got {every}")

    def rate(done: float) -> float:
        # Shares are rounded: (0.6 - 0.3) / 0.1 falls short of 3. No training has 1e9 steps.
        return float(peak / divide_by ** max(0, np.floor((done - after) / every + 1 + 1e-9)))

    return rate


def exponential(start: float, end: float) -> Schedule:
    """start (end / start)^done: by the same factor every step, down or (for a range test) up."""
    if not (start > 0 and end > 0):
        raise ValueError(f"rates that change by a factor are positive; got start={start}, end={end}")
    return lambda done: float(start * (end / start) ** done)


def cosine(peak: float, end: float = 0.0) -> Schedule:
    """From `peak` to `end` along half a cosine: end + (peak - end) (1 + cos(pi done)) / 2 (Loshchilov and Hutter 2017)."""
    return lambda done: float(end + (peak - end) * 0.5 * (1 + np.cos(np.pi * done)))


def warm_up_then_cosine(peak: float, warm_up: float = 0.1) -> Schedule:
    """From 0 up to `peak` over the first part of training, then down to 0 along half a cosine.

    The warm-up spares a fresh network its largest steps; the descent lets the noise of minibatches die out, without
    which the last half per cent of accuracy depends on the moment at which one stops (Loshchilov and Hutter 2017).
    """
    _check_warm_up(warm_up)
    descent = cosine(peak)

    def rate(done: float) -> float:
        if done < warm_up:
            return float(peak * max(done / warm_up, 0.01))  # the first step, too, shall move
        return descent((done - warm_up) / (1 - warm_up))

    return rate


def cyclical(low: float, high: float, cycles: float = 4.0, shrink: float = 1.0) -> Schedule:
    """Triangles: straight up from `low` to `high` and back, `cycles` times (Smith 2017; source S4.8).

    High rates cross saddles and narrow valleys, low ones settle. Each cycle's height is `shrink` times that of the one
    before; 1/2 is Smith's "triangular2".
    """
    if not cycles > 0:
        raise ValueError(f"cycles is a positive number of them in the whole training; got {cycles}")

    def rate(done: float) -> float:
        cycle, place = divmod(done * cycles, 1)
        return float(low + (high - low) * (1 - abs(2 * place - 1)) * shrink**cycle)

    return rate


def one_cycle(peak: float, warm_up: float = 0.3, start_divisor: float = 25.0, end_divisor: float = 1e4) -> Schedule:
    """One large cycle: from peak / start_divisor up to `peak`, and down to the start / end_divisor.

    Rates at the edge of divergence for a third of the training, then far below where one began (Smith and Topin 2018;
    source S4.8). Along half cosines, as fastai and PyTorch have it; in the paper, along straight lines, and with a
    momentum that falls where the rate rises, which is left out here.
    """
    _check_warm_up(warm_up)
    start = peak / start_divisor
    ascent, descent = cosine(start, peak), cosine(peak, start / end_divisor)

    def rate(done: float) -> float:
        return ascent(done / warm_up) if done < warm_up else descent((done - warm_up) / (1 - warm_up))

    return rate


class Plateau:
    """Divides the rate when what is watched, a loss say, has stopped falling (source S4.3).

    `update(value)` takes the latest value, and returns the factor on the rate that training began with: 1 at first,
    and divided by `divide_by` (2 to 10 are usual) each time that more than `patience` values in a row are no
    improvement, down to `smallest`. An improvement is a value below the best so far by more than `threshold` times its
    size; what is not a number is none. For what shall rise, such as an accuracy, give its negative.
    """

    def __init__(
        self, divide_by: float = 2.0, patience: int = 10, threshold: float = 1e-4, smallest: float = 0.0
    ) -> None:
        if not divide_by > 1:
            raise ValueError(f"divide_by is above 1, usually from 2 to 10; got {divide_by}")
        if patience < 0:
            raise ValueError(f"patience is a number of values, from 0 up; got {patience}")
        self.divide_by, self.patience, self.threshold, self.smallest = divide_by, patience, threshold, smallest
        self.factor = 1.0
        self.best = float("inf")
        #: how many values in a row were no improvement
        self.waited = 0

    def update(self, value: float) -> float:
        margin = self.threshold * abs(self.best) if np.isfinite(self.best) else 0.0
        if value < self.best - margin:
            self.best, self.waited = float(value), 0
        else:
            self.waited += 1
        if self.waited > self.patience:
            self.factor, self.waited = max(self.factor / self.divide_by, self.smallest), 0
        return self.factor


def _check_warm_up(warm_up: float) -> None:
    if not 0 <= warm_up < 1:
        raise ValueError(f"warm_up is a share of the training, from 0 up to but not including 1; got {warm_up}")
