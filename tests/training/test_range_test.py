from __future__ import annotations

import math

import numpy as np
import pytest
from bowl import Bowl

from nnkit.datasets import one_hot
from nnkit.datasets.digits import load
from nnkit.subjects import shared
from nnkit.training import RangeTest, range_test, read_range_test, suggest_rate

NOTHING = np.zeros((1, 1))
RATES = 10.0 ** np.linspace(-6, 2, 161)


def curve(falls=-4.0, rises=0.0, start=2.0, low=0.5, high=5.0):
    """Flat, falling by half at 10^falls, rising at 10^rises."""
    at = np.log10(RATES)
    return low + (start - low) / (1 + np.exp(6 * (at - falls))) + (high - low) / (1 + np.exp(-20 * (at - rises)))


def test_the_three_regions_of_a_smooth_curve():
    seen = read_range_test(RATES, curve(), 2.0)
    assert seen.sound
    assert 1e-5 < seen.falling_from < 1e-4
    assert seen.falling_from < seen.lowest < seen.diverging_from
    assert 0.3 < seen.diverging_from < 1.0
    assert seen.suggestion == pytest.approx(seen.lowest / 3)
    assert "flat below" in str(seen)
    assert "suggested rate" in str(seen)


def test_one_lucky_step_is_no_region():
    loss = curve()
    loss[150] = 0.0
    assert read_range_test(RATES, loss, 2.0).lowest == read_range_test(RATES, curve(), 2.0).lowest


def test_a_loss_that_does_not_fall_has_no_suggestion():
    seen = read_range_test(RATES, np.full(len(RATES), 2.0), 2.0)
    assert math.isnan(seen.suggestion)
    assert math.isnan(seen.lowest)
    assert not seen.sound
    assert str(seen) == "the loss falls at no rate"


def test_a_loss_that_never_rises_again_is_said_to_not_diverge():
    seen = read_range_test(RATES, curve(rises=9), 2.0)
    assert seen.diverging_from == math.inf
    assert "not diverging up to 100" in str(seen)


def test_overflow_after_the_loss_has_risen_is_divergence():
    loss = curve()
    loss[loss > 4.9] = np.nan
    assert np.isnan(loss[-1])
    seen = read_range_test(RATES, loss, 2.0)
    assert seen.sound
    assert math.isnan(seen.broke)


def test_a_gap_is_no_divergence():
    """As a row of NaN in the watched data or a log of zero makes one: numbers before it, and after it."""
    loss = curve()
    loss[60:64] = np.nan
    seen = read_range_test(RATES, loss, 2.0)
    assert seen.gaps == ((RATES[60], RATES[63]),)
    assert not seen.sound
    assert "a gap" in str(seen)
    assert "defect in the model or in the data" in str(seen)
    assert seen.diverging_from == read_range_test(RATES, curve(), 2.0).diverging_from


@pytest.mark.parametrize("first", [0, 20, 70])
def test_a_loss_that_breaks_while_it_is_flat_or_falling_is_a_defect(first):
    loss = curve()
    loss[first:] = np.inf
    seen = read_range_test(RATES, loss, 2.0)
    assert seen.broke == RATES[first]
    assert not seen.sound


def test_the_boundary_of_a_bowl_is_found():
    """Plain descent converges where eta < 2 / lambda_max; the loss is lowest just above, and rises from there."""
    for largest in (0.1, 4.0, 1000.0):
        seen = range_test(lambda largest=largest: Bowl((largest / 3, largest)), NOTHING, NOTHING, low=1e-8, high=1e4)
        assert 0.5 < seen.lowest / (2 / largest) < 3
        assert seen.lowest < seen.diverging_from < 10 * seen.lowest
        assert seen.sound


def test_rates_rise_by_one_factor_and_each_is_used_once():
    bowl = Bowl((1.0,))
    seen = range_test(lambda: bowl, NOTHING, NOTHING, low=1e-4, high=1e-1, steps=31)
    np.testing.assert_allclose(seen.rates, 10 ** np.linspace(-4, -1, 31))
    np.testing.assert_allclose(bowl.rates, seen.rates)


def test_it_ends_where_nothing_more_can_be_learned():
    seen = range_test(lambda: Bowl((1.0,)), NOTHING, NOTHING, high=1e6, give_up=3.0)
    assert seen.loss[-1] > 3 * seen.start
    assert seen.rates[-1] < 1e3

    class Broken(Bowl):
        def loss(self, x, y):
            return 0.5 if len(self.seen) < 20 else math.nan

    assert len(range_test(lambda: Broken((1.0,)), NOTHING, NOTHING).loss) == 29


def test_a_row_of_nan_in_the_data_shows_as_a_break():
    x, labels = load().x_train[:300].astype(float), load().labels_train[:300]
    x[250, 3] = np.nan
    seen = range_test(
        lambda: shared.build((64, 8, 10), 0), x, one_hot(labels), watched=(x[:100], one_hot(labels[:100])), steps=60
    )
    assert seen.broke < 1e-3
    assert not seen.sound


def test_a_rate_that_only_a_trained_network_stands_is_not_suggested():
    """The first steps of a fresh one are a hundred times as steep."""

    class Fragile(Bowl):
        def train_step(self, x, y, learning_rate):
            self.curvatures = np.array([1.0] if abs(self.theta[0]) < 0.7 else [100.0])
            super().train_step(x, y, learning_rate)

    found = suggest_rate(lambda: Fragile((100.0,)), NOTHING, NOTHING)
    assert found.range_test.suggestion > 2 / 100
    assert found.rate < 2 / 100


def test_suggested_is_the_middle_of_the_two_best_trials():
    """With curvatures 1 and 2 what shrinks least does so by max |1 - eta lambda|, so 2/3 is best."""
    found = suggest_rate(lambda: Bowl((1.0, 2.0)), NOTHING, NOTHING)
    assert found.search is not None
    assert found.search.trials[0].rate == found.range_test.lowest
    assert found.search.best / 3 < found.rate < found.search.best * 3
    assert found.rate == found.search.middle
    assert 0.2 < found.rate < 1.0


def test_where_nothing_is_learned_no_rate_is_suggested():
    class Stays(Bowl):
        def train_step(self, x, y, learning_rate):
            pass

    found = suggest_rate(lambda: Stays((1.0,)), NOTHING, NOTHING)
    assert math.isnan(found.rate)
    assert found.search is None


def test_the_suggested_rate_trains_on_digits():
    data = load()
    x, y = data.x_train[:600].astype(float), one_hot(data.labels_train[:600])
    found = suggest_rate(lambda: shared.build((64, 16, 10), 0), x, y)
    assert isinstance(found.range_test, RangeTest)
    assert 0.01 < found.rate < 0.5


def test_rates_that_cannot_rise_are_refused():
    with pytest.raises(ValueError, match="goes up from a positive rate"):
        range_test(lambda: Bowl((1.0,)), NOTHING, NOTHING, low=1.0, high=0.1)
