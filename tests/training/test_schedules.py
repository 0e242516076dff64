from __future__ import annotations

import numpy as np
import pytest
from bowl import Bowl

from nnkit.training import (
    Plateau,
    cosine,
    cyclical,
    exponential,
    one_cycle,
    step_decay,
    train,
    warm_up_then_cosine,
)

SCHEDULES = [
    step_decay(0.2), exponential(0.2, 0.01), exponential(1e-3, 10.0), cosine(0.2, 0.01), warm_up_then_cosine(0.2),
    cyclical(0.01, 0.2), cyclical(0.01, 0.2, shrink=0.5), one_cycle(0.2),
]  # fmt: skip


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_rate_is_a_positive_plain_float_and_the_loop_follows(schedule):
    rates = [schedule(step / 300) for step in range(300)]
    assert {type(rate) for rate in rates} == {float}
    assert min(rates) > 0
    bowl = Bowl()
    train(bowl, np.zeros((1, 1)), np.zeros((1, 1)), steps=10, learning_rate=schedule)
    assert bowl.rates == [schedule(step / 10) for step in range(len(bowl.rates))]


# Falling --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [10, 1000, 12345, 60_000])
@pytest.mark.parametrize(("k", "n"), [(0.3, 0.1), (0.5, 0.2), (0.1, 0.1), (0.0, 0.3)])
def test_after_k_steps_the_rate_is_divided_every_n(steps, k, n):
    """Counted in whole steps, for any length of training: no rounding of a share brings a division too late."""
    k, n = max(0, int(k * steps)), max(1, int(n * steps))
    schedule, expected = step_decay(0.6, after=k / steps, every=n / steps), 0.6
    numbers = sorted({0, steps - 1, *(j for i in range(k, steps, n) for j in (i - 1, i, i + 1) if 0 <= j < steps)})
    for step in numbers:
        divisions = 0 if step < k else 1 + (step - k) // n
        expected = 0.6 / 1.5**divisions
        assert schedule(step / steps) == pytest.approx(expected, rel=1e-12), step


def test_step_decay_divides_by_what_is_asked_for():
    schedule = step_decay(1.0, after=0.5, every=0.25, divide_by=10)
    assert [schedule(done) for done in (0.0, 0.49, 0.5, 0.74, 0.75, 0.99)] == pytest.approx(
        [1, 1, 0.1, 0.1, 0.01, 0.01]
    )


def test_exponential_changes_by_the_same_factor_every_step():
    for start, end in ((0.5, 1e-3), (1e-6, 10.0)):
        schedule = exponential(start, end)
        rates = np.array([schedule(step / 50) for step in range(51)])
        assert (rates[0], rates[-1]) == pytest.approx((start, end))
        np.testing.assert_allclose(rates[1:] / rates[:-1], (end / start) ** (1 / 50), rtol=1e-12)


def test_cosine():
    schedule = cosine(0.5, 0.1)
    assert [schedule(done) for done in (0, 1 / 3, 1 / 2, 2 / 3, 1)] == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.1])
    assert cosine(0.5)(1.0) == pytest.approx(0)


# Rising and falling ---------------------------------------------------------------------------------------------------


def test_cyclical_is_made_of_triangles():
    schedule = cyclical(0.1, 0.5, cycles=2)
    shares = np.array([0, 1, 2, 3, 4, 5, 6, 7]) / 8
    assert [schedule(done) for done in shares] == pytest.approx([0.1, 0.3, 0.5, 0.3, 0.1, 0.3, 0.5, 0.3])


def test_cyclical_can_shrink():
    schedule = cyclical(0.1, 0.5, cycles=4, shrink=0.5)
    assert [schedule(done) for done in (0.125, 0.375, 0.625, 0.875)] == pytest.approx([0.5, 0.3, 0.2, 0.15])
    assert [schedule(done) for done in (0, 0.25, 0.5, 0.75)] == pytest.approx([0.1] * 4)


def test_one_cycle():
    schedule = one_cycle(0.5, warm_up=0.25, start_divisor=10, end_divisor=100)
    # Up from 0.05 to 0.5 by a quarter, then down to 0.0005.
    assert [schedule(done) for done in (0, 0.125, 0.25, 0.625, 1)] == pytest.approx([0.05, 0.275, 0.5, 0.25025, 0.0005])
    rates = np.array([schedule(step / 400) for step in range(401)])
    assert rates.argmax() == 100
    assert (np.diff(rates[:101]) > 0).all() and (np.diff(rates[100:]) < 0).all()


def test_warm_up_then_cosine():
    rate = warm_up_then_cosine(0.2, warm_up=0.25)
    assert rate(0.125) == pytest.approx(0.1)
    assert rate(0.25) == pytest.approx(0.2)
    assert rate(0.625) == pytest.approx(0.1)
    assert rate(1.0) == pytest.approx(0.0)
    assert type(rate(0.1)) is type(rate(0.9)) is float


def test_the_rate_rises_then_falls_and_always_moves():
    rates = np.array([warm_up_then_cosine(0.2)(step / 500) for step in range(500)])
    assert rates.argmax() == 50
    assert rates.max() == 0.2
    assert (np.diff(rates[:51]) > 0).all() and (np.diff(rates[50:]) < 0).all()
    assert rates.min() > 0


def test_without_warm_up_it_begins_at_the_peak():
    assert warm_up_then_cosine(0.2, warm_up=0.0)(0.0) == 0.2


@pytest.mark.parametrize(
    "refused",
    [
        lambda: step_decay(0.1, every=0.0),
        lambda: exponential(0.0, 0.1),
        lambda: exponential(0.1, -0.1),
        lambda: cyclical(0.1, 0.2, cycles=0),
        lambda: one_cycle(0.1, warm_up=1.0),
        lambda: warm_up_then_cosine(0.1, warm_up=-0.1),
        lambda: Plateau(divide_by=1.0),
        lambda: Plateau(patience=-1),
    ],
)
def test_what_makes_no_schedule_is_refused(refused):
    with pytest.raises(ValueError, match="got"):
        refused()


# Plateau --------------------------------------------------------------------------------------------------------------


def follow(plateau, values):
    return [plateau.update(value) for value in values]


def test_it_divides_after_more_than_patience_values_without_improvement():
    assert follow(Plateau(patience=2), [5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3]) == [1] * 4 + [1 / 2] * 4 + [1 / 4] * 3
    assert follow(Plateau(divide_by=10, patience=0), [5, 5, 5, 4]) == pytest.approx([1, 0.1, 0.01, 0.01])


def test_an_improvement_below_the_threshold_is_none():
    values = [1.0, 0.995, 0.985, 0.98, 0.97]
    assert follow(Plateau(patience=0, threshold=0.01), values) == [1, 1 / 2, 1 / 2, 1 / 4, 1 / 4]


def test_values_below_zero_are_improved_by_getting_lower():
    assert follow(Plateau(patience=0, threshold=0.01), [-1.0, -1.005, -1.02, -0.5]) == [1, 1 / 2, 1 / 2, 1 / 4]
    assert follow(Plateau(patience=0), [1.0, 0.0, -1.0]) == [1, 1, 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_no_improvement(bad):
    assert follow(Plateau(patience=0), [bad, 3.0, bad, 2.0]) == [1 / 2, 1 / 2, 1 / 4, 1 / 4]


def test_the_factor_stops_at_the_smallest():
    assert follow(Plateau(divide_by=4, patience=0, smallest=0.1), [1, 1, 1, 1]) == [1, 0.25, 0.1, 0.1]
