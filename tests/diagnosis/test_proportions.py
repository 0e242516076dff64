from __future__ import annotations

import numpy as np
import pytest

from nnkit.diagnosis.proportions import (
    chance_of_fewer,
    fewest_of_share,
    fewest_successes,
    share_caught,
    wilson_interval,
)


def test_wilson_interval_against_published_numbers() -> None:
    """81 of 263 gives 0.2553 to 0.3662 (Newcombe 1998, table I, method 3), 0 of 20 gives 0 to 0.1611."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(20, 20)[1] == 1.0


def test_chance_of_fewer_is_the_binomial_tail() -> None:
    rng = np.random.default_rng(0)
    assert chance_of_fewer(7, 10, 0.6) == pytest.approx(np.mean(rng.binomial(10, 0.6, 200_000) < 7), abs=0.005)
    assert chance_of_fewer(0, 10, 0.6) == 0.0


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.95, 1.0])
def test_false_alarms_are_as_rare_as_promised(share: float) -> None:
    """Both samples from the same share: the exact chance of an alarm, summed over all outcomes of both."""
    n, m, promised = 40, 20, 0.01
    chance = 0.0
    for k in range(m + 1):
        weight = chance_of_fewer(k + 1, m, share) - chance_of_fewer(k, m, share)
        chance += weight * chance_of_fewer(fewest_successes(k, m, among=n, false_alarm=promised), n, share)
    assert chance <= promised


def test_a_share_that_is_caught_is_caught() -> None:
    fewest = fewest_successes(50, 50, among=100, false_alarm=1e-4)
    share = share_caught(fewest, 100)
    assert 0.4 < share < fewest / 100
    assert chance_of_fewer(fewest, 100, share) == pytest.approx(0.99, abs=1e-6)


def test_nothing_is_asked_where_the_reference_fails_too() -> None:
    assert fewest_successes(0, 50, among=100, false_alarm=1e-4) == 0
    assert share_caught(0, 100) == 0.0


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes lie between"):
        wilson_interval(successes, trials)


def test_the_fewest_of_a_share_is_the_largest_number_that_keeps_the_promise() -> None:
    fewest = fewest_of_share(0.45, 60, 5e-6)
    assert chance_of_fewer(fewest, 60, 0.45) <= 5e-6 < chance_of_fewer(fewest + 1, 60, 0.45)
    assert fewest_of_share(1.0, 60, 5e-6) == 60
    assert fewest_of_share(0.0, 60, 5e-6) == 0
