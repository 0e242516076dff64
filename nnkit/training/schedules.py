"""Schedules: the learning rate in the course of a training.

A `Schedule` is a function of how much of the training is done, from 0 (the first step) towards 1, and gives the rate of
the next step. A schedule then need not know how long a training is, and the same one serves a trial of a hundred steps
and the training of ten epochs that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: learning rate as a function of how much of the training is done, from 0 to 1
Schedule = Callable[[float], float]


def warm_up_then_cosine(peak: float, warm_up: float = 0.1) -> Schedule:
    """From 0 up to `peak` over the first part of training, then down to 0 along half a cosine.

    The warm-up spares a fresh network its largest steps; the descent lets the noise of minibatches die out, without
    which the last half per cent of accuracy depends on the moment at which one stops (Loshchilov and Hutter 2017).
    """

    def rate(done: float) -> float:
        if done < warm_up:
            return float(peak * max(done / warm_up, 0.01))  # the first step, too, shall move
        return float(peak * 0.5 * (1 + np.cos(np.pi * (done - warm_up) / (1 - warm_up))))

    return rate
