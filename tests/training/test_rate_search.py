from __future__ import annotations

import numpy as np
import pytest
from bowl import Bowl

from nnkit.training import RateSearch, RateTrial, divide_by_3

NOTHING = np.zeros((1, 1))


@pytest.mark.parametrize("largest", [0.1, 0.5, 1.0, 4.0, 37.0, 1000.0])
def test_the_boundary_of_a_bowl_is_found_to_a_factor_of_three(largest):
    """Plain descent converges where eta < 2 / lambda_max."""
    search = divide_by_3(lambda: Bowl((largest / 3, largest)), NOTHING, NOTHING)
    assert search.boundary / 3 < 2 / largest <= search.boundary
    assert search.boundary / 27 <= search.best < search.boundary


def test_the_best_rate_is_the_one_that_got_lowest():
    """With curvatures 1 and 4, theta shrinks by max |1 - eta lambda| a step."""
    search = divide_by_3(lambda: Bowl((1.0, 4.0)), NOTHING, NOTHING, start=0.9)
    assert [trial.stable for trial in search.trials] == [False, True, True, True, True]
    factors = [max(abs(1 - trial.rate), abs(1 - 4 * trial.rate)) for trial in search.trials]
    assert search.best == search.trials[int(np.argmin(factors))].rate == pytest.approx(0.3)


def _trial(rate, last, largest=1.0):
    return RateTrial(rate, 1.0, last, largest)


@pytest.mark.parametrize(
    ("trials", "best", "middle"),
    [
        ([_trial(9, 0.5), _trial(3, 0.1), _trial(1, 0.2)], 3, 3**0.5),
        ([_trial(9, 0.2), _trial(3, 0.1), _trial(1, 0.5)], 3, 27**0.5),
        ([_trial(9, 0.2, 5.0), _trial(3, 0.1), _trial(1, 0.5)], 3, 3**0.5),  # beside trouble
        ([_trial(9, 0.01), _trial(3, 0.2, 5.0), _trial(1, 0.1)], 1, 1),  # a lucky throw above trouble is no neighbour
        ([_trial(9, 2.0, 5.0)], float("nan"), float("nan")),
    ],
)
def test_the_middle_lies_between_the_best_and_its_better_neighbour(trials, best, middle):
    assert RateSearch(tuple(trials), 0.0, best).middle == pytest.approx(middle, nan_ok=True)


def test_trials_go_down_in_thirds_from_the_start():
    search = divide_by_3(lambda: Bowl((1.0,)), NOTHING, NOTHING, start=10.0, stable_trials=2)
    np.testing.assert_allclose([trial.rate for trial in search.trials], [10, 10 / 3, 10 / 9, 10 / 27])
    assert [trial.first for trial in search.trials] == [0.5] * 4
    assert search.boundary == pytest.approx(10 / 3)


def test_overflow_counts_as_infinite():
    trial = divide_by_3(lambda: Bowl((1.0,)), NOTHING, NOTHING, start=1e9).trials[0]
    assert trial.largest == float("inf")
    assert not trial.stable


def test_a_loss_that_ends_lower_but_stood_far_higher_is_not_stable():
    class Leaps(Bowl):
        def loss(self, x, y):
            return [1.0, 50.0, 0.5][min(len(self.seen), 2)]

    search = divide_by_3(Leaps, NOTHING, NOTHING, steps=5)
    assert not any(trial.stable for trial in search.trials)


def test_a_lucky_throw_above_the_boundary_is_not_taken():
    """At a rate of 30 all is right at once, at 10 it jumps, below that it goes down as it should."""

    class Lucky(Bowl):
        def train_step(self, x, y, learning_rate):
            self.theta[...] *= 0 if learning_rate > 20 else 2 if learning_rate > 5 else 0.9

    search = divide_by_3(lambda: Lucky((1.0,)), NOTHING, NOTHING)
    assert [trial.stable for trial in search.trials[:3]] == [True, False, True]
    assert search.best < search.boundary


def test_a_rate_too_low_to_move_anything_does_not_speak_against_those_above():
    class Rounded(Bowl):
        def train_step(self, x, y, learning_rate):
            if learning_rate > 1e-3:
                super().train_step(x, y, learning_rate)

    search = divide_by_3(lambda: Rounded((1.0,)), NOTHING, NOTHING, start=0.5, stable_trials=99, smallest=1e-5)
    assert not search.trials[-1].stable
    assert search.best == 0.5


def test_a_network_that_never_learns_has_no_best_rate():
    class Stays(Bowl):
        def train_step(self, x, y, learning_rate):
            pass

    search = divide_by_3(Stays, NOTHING, NOTHING, smallest=1e-3)
    assert np.isnan(search.best)
    assert search.trials[-1].rate >= 1e-3 > search.trials[-1].rate / 3
    assert search.boundary == search.trials[-1].rate


def test_no_instability_no_boundary():
    search = divide_by_3(lambda: Bowl((1.0,)), NOTHING, NOTHING, start=0.9)
    assert search.boundary == float("inf")
    assert len(search.trials) == 4


def test_minibatches_are_the_same_for_every_rate():
    bowls = []

    def make():
        bowls.append(Bowl((1.0,)))
        return bowls[-1]

    x = np.arange(12.0).reshape(12, 1)
    divide_by_3(make, x, x, start=0.9, steps=6, batch_size=4, seed=3)
    orders = [np.concatenate([batch for batch, _ in bowl.seen]).ravel().tolist() for bowl in bowls]
    assert len(orders) == 4
    assert all(order == orders[0] for order in orders)


def test_the_search_goes_on_below_the_best_rate():
    """Every rate is stable here, and the best is the last of the first two: two more are asked for below it."""

    class Slow(Bowl):
        def train_step(self, x, y, learning_rate):
            super().train_step(x, y, min(learning_rate, 0.02 / learning_rate))

    search = divide_by_3(lambda: Slow((1.0,)), NOTHING, NOTHING, start=0.9, stable_trials=2, steps=5)
    further = divide_by_3(lambda: Slow((1.0,)), NOTHING, NOTHING, start=0.9, stable_trials=2, steps=5, past_best=2)
    assert len(search.trials) == 2
    assert search.best == search.trials[-1].rate
    assert further.best < search.best
    assert [trial.rate for trial in further.trials][-3] == further.best


def test_a_trial_can_follow_the_schedule_of_the_training_to_come():
    rates = []

    class Notes(Bowl):
        def train_step(self, x, y, learning_rate):
            rates.append(learning_rate)
            super().train_step(x, y, learning_rate)

    divide_by_3(
        lambda: Notes((1.0,)), NOTHING, NOTHING, start=0.9, stable_trials=1, steps=4,
        schedule=lambda peak: lambda done: peak * (1 - done),
    )  # fmt: skip
    np.testing.assert_allclose(rates, [0.9, 0.675, 0.45, 0.225])


def test_the_search_goes_on_until_a_rate_reaches_the_goal():
    class Collapses(Bowl):
        collapsed = False

        def train_step(self, x, y, learning_rate):
            self.collapsed = self.collapsed or learning_rate > 0.1
            super().train_step(x, y, learning_rate)

        def loss(self, x, y):
            return 0.4 if self.collapsed else super().loss(x, y)

    assert divide_by_3(lambda: Collapses((1.0,)), NOTHING, NOTHING).best == 30.0
    assert divide_by_3(lambda: Collapses((1.0,)), NOTHING, NOTHING, goal=0.3).best < 0.1
