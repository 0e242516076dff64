"""Successes among trials: how sure a share of them is, and when two shares differ by more than chance.

Training from random weights succeeds or not, so a success rate over some seeds is itself a random number. A check that
compares two of them has to say how often it would accuse a correct network.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval for the true share behind `successes` of `trials` (Wilson 1927).

    Unlike share +- 2 standard errors it stays within 0 and 1, and says something where all or none succeeded.
    Raises ValueError for no trials, or more successes than trials.
    """
    _require(successes, trials)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return max(0.0, centre - half), min(1.0, centre + half)


def fewest_successes(successes: int, trials: int, *, among: int, false_alarm: float) -> int:
    """The fewest successes `among` new trials that are still no worse than `successes` of `trials`, given chance.

    Two binomial tails, half of `false_alarm` each: the true share is at least the lower end of the exact interval of the
    first sample (Clopper and Pearson 1934), and with that share the second sample has at least the returned number.
    So whoever is at least as good as the first falls below it with a chance of at most `false_alarm`. A sample that is
    somewhat worse nearly always stays above it, too: both tails are far out, so only a large difference is called one.
    """
    _require(successes, trials)
    tail = false_alarm / 2
    share = 0.0
    if successes:
        share = _bisect(lambda p: 1 - chance_of_fewer(successes, trials, p) >= tail)
    return fewest_of_share(share, among, tail)


def fewest_of_share(share: float, trials: int, tail: float) -> int:
    """The largest number below which `trials`, each of which succeeds with the chance `share`, fall with a chance of at
    most `tail`."""
    fewest = 0
    while fewest < trials and chance_of_fewer(fewest + 1, trials, share) <= tail:
        fewest += 1
    return fewest


def share_caught(fewest: int, trials: int, power: float = 0.99) -> float:
    """The true share of successes up to which fewer than `fewest` of `trials` succeed with a chance of `power`.

    0 where `fewest` is 0: then nothing is ever caught.
    """
    if fewest == 0:
        return 0.0
    return _bisect(lambda p: chance_of_fewer(fewest, trials, p) < power)


def chance_of_fewer(successes: int, trials: int, share: float) -> float:
    """The chance of fewer than `successes` in `trials`, each of which succeeds with the chance `share`."""
    return math.fsum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(successes))


def _bisect(holds: Callable[[float], bool]) -> float:
    """The smallest share in [0, 1] where `holds`, which is false below and true above it."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return low


def _require(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(
            f"successes lie between 0 and the number of trials, which is at least 1; got {successes} of {trials}"
        )
