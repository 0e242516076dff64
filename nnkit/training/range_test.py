"""The learning-rate range test: one training in which the rate rises from far too low to far too high (source S4.8).

Plotted against the rate, the loss of a sound network has three regions (Smith 2017, section 3.3): flat while the rate
is too low to move anything, falling while the network learns, and diverging or ragged when steps are too long. A region
that is missing, or a loss that stops being a number while it was still falling, means a defect in the model or in the
data, not in the rate.

A range test reaches its high rates with a network that its low rates have trained, and what is trained stands more
than a fresh start does. So `suggest_rate` takes from it where trouble begins, and goes on from there on fresh networks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.training.loop import minibatches
from nnkit.training.rate_search import RateSearch, divide_by_3
from nnkit.training.schedules import exponential

Array = npt.NDArray[Any]

#: A region begins where the loss has fallen, or has risen again, by this share of all that it falls.
EDGE = 0.1
#: What falls by a smaller share of the first loss does not fall: batches differ by more.
FALLS = 0.01
#: So many losses in a row that are no numbers, and the network is lost.
LOST = 10
#: The best rate is one to one tenth of that where trouble begins (source S3.2); this is the middle of 1 and 10, by factor.
BELOW = 3.0


@dataclass(frozen=True, eq=False)
class RangeTest:
    """What a range test saw.

    rates: in rising order; loss: after the step with each rate, as it was; smoothed: the median of each and its
    neighbours (NaN where most of them are no numbers); start: the loss before the first step.

    falling_from, lowest, diverging_from: the rates at which the loss has begun to fall, is lowest, and has begun to rise
    again; NaN where it never falls, `diverging_from` inf where it does not rise again. gaps: stretches of rates (first,
    last) with losses that are no numbers, and numbers after them. broke: the rate at which the loss stopped being a
    number for good though it had not begun to rise; NaN where it did not.
    """

    rates: Array
    loss: Array
    smoothed: Array
    start: float
    falling_from: float
    lowest: float
    diverging_from: float
    gaps: tuple[tuple[float, float], ...]
    broke: float

    @property
    def suggestion(self) -> float:
        """A third of the rate at which the loss is lowest; NaN where it never falls.

        Where the loss is lowest, what a step gains and what it spoils are even: trouble begins there.
        """
        return self.lowest / BELOW

    @property
    def sound(self) -> bool:
        """Whether it fell, without gaps, and did not break."""
        return bool(np.isfinite(self.lowest)) and not self.gaps and bool(np.isnan(self.broke))

    def __str__(self) -> str:
        lines = [f"from {low:.3g} to {high:.3g} the loss is no number: a gap" for low, high in self.gaps]
        if not np.isnan(self.broke):
            lines.append(f"at {self.broke:.3g} the loss stops being a number, though it was not rising")
        if lines:
            lines.append("gaps and NaN below divergence mean a defect in the model or in the data, not in the rate")
        if np.isnan(self.lowest):
            return "\n".join([*lines, "the loss falls at no rate"])
        end = f"diverging from {self.diverging_from:.3g}"
        lines += [
            f"flat below {self.falling_from:.3g}, falling to its lowest at {self.lowest:.3g}, "
            + (end if np.isfinite(self.diverging_from) else f"not diverging up to {self.rates[-1]:.3g}"),
            f"suggested rate: {self.suggestion:.3g}",
        ]
        return "\n".join(lines)


def range_test(
    build: Callable[[], Any],
    x: Array,
    y: Array,
    *,
    low: float = 1e-6,
    high: float = 100.0,
    steps: int = 300,
    batch_size: int | None = 32,
    seed: int = 0,
    watched: tuple[Array, Array] | None = None,
    give_up: float = 10.0,
) -> RangeTest:
    """Train one `build()` for `steps` steps, the rate rising by the same factor each, from `low` to `high`.

    After each step the loss of `watched` is taken (default: the first 300 samples): of the same samples each time, so
    that the noise of batches is left out. The test ends early at a loss of more than `give_up` times the first, and
    where ten losses in a row are no numbers.
    """
    if not 0 < low < high:
        raise ValueError(f"a range test goes up from a positive rate; got low={low}, high={high}")
    network, schedule = build(), exponential(low, high)
    asked = (x[:300], y[:300]) if watched is None else watched
    rates, loss = [], []
    with np.errstate(all="ignore"):
        start = float(network.loss(*asked))
        batches = minibatches(len(x), batch_size, np.random.default_rng(seed))
        for step, batch in enumerate(islice(batches, steps)):
            rates.append(schedule(step / max(1, steps - 1)))
            network.train_step(x[batch], y[batch], rates[-1])
            loss.append(float(network.loss(*asked)))
            if loss[-1] > give_up * abs(start) or (len(loss) >= LOST and not np.isfinite(loss[-LOST:]).any()):
                break
    return read_range_test(np.array(rates), np.array(loss), start)


def read_range_test(rates: Array, loss: Array, start: float) -> RangeTest:
    """Find the three regions in a curve, whoever recorded it: rates rising, the loss after each, and before the first."""
    smoothed = _smoothed(loss)
    numbers = np.flatnonzero(np.isfinite(smoothed))
    bottom = int(numbers[np.argmin(smoothed[numbers])]) if len(numbers) else -1
    depth = start - smoothed[bottom] if len(numbers) else np.nan
    falling_from = lowest = np.nan
    diverging_from = np.inf
    if depth > FALLS * abs(start):
        falling_from, lowest = float(rates[np.argmax(smoothed <= start - EDGE * depth)]), float(rates[bottom])
        # What is no number counts as high as can be.
        risen = np.flatnonzero(~(smoothed[bottom:] < smoothed[bottom] + EDGE * depth))
        diverging_from = float(rates[bottom + risen[0]]) if len(risen) else np.inf
    gaps, broke = _not_finite(rates, loss, smoothed, start, depth)
    return RangeTest(rates, loss, smoothed, start, falling_from, lowest, diverging_from, gaps, broke)


@dataclass(frozen=True)
class RateSuggestion:
    """rate: the one suggested (NaN where none is of use); range_test: where trouble begins; search: the trials below it."""

    rate: float
    range_test: RangeTest
    search: RateSearch | None


def suggest_rate(
    build: Callable[[], Any],
    x: Array,
    y: Array,
    *,
    batch_size: int | None = 32,
    seed: int = 0,
    watched: tuple[Array, Array] | None = None,
    trial_steps: int = 200,
    **range_options: Any,
) -> RateSuggestion:
    """A rate to train with, held or as the peak of a schedule: a range test, then short trials on fresh networks.

    The best rate is one to one tenth of that where trouble begins (source S3.2), which is where the range test's loss is
    lowest. So this rate is tried, a third of it, a ninth, and on for as long as it gets better, for `trial_steps` steps
    each; suggested is the middle between the best two neighbours. `range_options` are those of `range_test`.

    Shorter trials flatter high rates: RAdam's steps are a fifth of their full size after a hundred, a third after two hundred.
    """
    asked = (x[:300], y[:300]) if watched is None else watched
    seen = range_test(build, x, y, batch_size=batch_size, seed=seed, watched=asked, **range_options)
    if np.isnan(seen.lowest):
        return RateSuggestion(float("nan"), seen, None)
    search = divide_by_3(
        build, x, y, start=seen.lowest, steps=trial_steps, batch_size=batch_size, seed=seed, watched=asked,
        stable_trials=3, past_best=1, smallest=float(seen.rates[0]),
    )  # fmt: skip
    return RateSuggestion(search.middle, seen, search)


def _smoothed(loss: Array, width: int = 5) -> Array:
    """The median of each and its neighbours: one lucky or unlucky step makes no region. NaN where most are no numbers."""
    half = width // 2
    padded = np.concatenate([np.full(half, np.nan), loss, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width) if len(loss) else np.empty((0, width))
    known = np.isfinite(windows)
    within = np.minimum(np.arange(len(loss)) + half, len(loss) - 1) - np.maximum(np.arange(len(loss)) - half, 0) + 1
    smoothed = np.full(len(loss), np.nan)
    for k in np.flatnonzero(2 * known.sum(axis=1) > within):
        smoothed[k] = np.median(windows[k][known[k]])
    return smoothed


def _not_finite(
    rates: Array, loss: Array, smoothed: Array, start: float, depth: float
) -> tuple[tuple[tuple[float, float], ...], float]:
    """The stretches of losses that are no numbers with numbers after them; and where it broke without rising."""
    bad = ~np.isfinite(loss)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]]).astype(int)))
    stretches = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    gaps = tuple((float(rates[a]), float(rates[b])) for a, b in stretches if b < len(loss) - 1)
    broke = float("nan")
    if stretches and stretches[-1][1] == len(loss) - 1:
        first = stretches[-1][0]
        before = loss[:first][np.isfinite(loss[:first])]
        risen = before[-1] - min(start, before.min()) if len(before) else 0.0
        if not risen > EDGE * max(depth if np.isfinite(depth) else 0.0, FALLS * abs(start)):
            broke = float(rates[first])
    return gaps, broke
