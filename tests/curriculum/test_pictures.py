from __future__ import annotations

import math

import numpy as np
import pytest

from nnkit.curriculum.evidence import Caption
from nnkit.curriculum.pictures import range_test_picture, rate_search_picture, update_ratios_picture
from nnkit.training import RateSearch, read_range_test
from nnkit.training.rate_search import RateTrial

TRIALS = (
    RateTrial(9.0, 1.0, math.nan, math.inf),
    RateTrial(3.0, 1.0, 1.4, 2.0),
    RateTrial(1.0, 1.0, 0.2, 1.0),
    RateTrial(1 / 3, 1.0, 0.5, 1.0),
)


def test_stable_and_unstable_rates_are_told_apart_in_rising_order():
    picture = rate_search_picture(RateSearch(TRIALS, 3.0, 1.0), steps=50, unit="nats", guess=0.7)
    lines = {line.label: line for line in picture.lines}
    assert lines["stable"].x.tolist() == [1 / 3, 1.0]
    assert lines["stable"].y.tolist() == [0.5, 0.2]
    assert lines["unstable"].x.tolist() == [3.0, 9.0]
    assert picture.y_label == "loss after 50 steps (nats)"
    assert [(mark.axis, mark.value) for mark in picture.marks] == [("y", 0.7), ("x", 1.0), ("x", 3.0)]


def test_the_rate_that_was_taken_is_marked_where_it_is_another_than_the_best():
    picture = rate_search_picture(RateSearch(TRIALS, math.inf, 1.0), steps=50, unit="nats", taken=0.6)
    assert [(mark.label, mark.value) for mark in picture.marks] == [("rate taken", 0.6)]


def test_a_search_that_found_nothing_has_no_rate_to_mark():
    picture = rate_search_picture(RateSearch(TRIALS[:2], 3.0, math.nan), steps=50, unit="nats")
    assert [mark.value for mark in picture.marks] == [3.0]


def test_the_regions_of_a_range_test_are_marked_and_what_is_no_number_is_left_open():
    rates, loss = 10.0 ** np.arange(-5, 4), np.array([2, 2, 1.5, 1, np.inf, 0.5, 1.8, 3, np.inf])
    seen = read_range_test(rates, loss, 2.0)
    picture = range_test_picture(seen, unit="nats", taken=0.3)
    assert [mark.label for mark in picture.marks] == ["begins to fall", "rate taken", "lowest", "rises again"]
    assert [mark.value for mark in picture.marks] == [seen.falling_from, 0.3, seen.lowest, seen.diverging_from]
    assert np.isnan(picture.lines[0].y).tolist() == [False] * 4 + [True, False, False, False, True]
    flat = range_test_picture(read_range_test(rates, np.full(9, 2.0), 2.0), unit="nats")
    assert list(flat.marks) == []


def test_each_weight_matrix_has_its_line_of_updates():
    picture = update_ratios_picture([1, 5], [[0.1, 0.2], [0.3, 0.4]], Caption("a", "b", "c"))
    assert [(line.label, line.x.tolist()) for line in picture.lines] == [("W1", [1, 5]), ("W2", [1, 5])]
    assert picture.lines[1].y.tolist() == pytest.approx([0.2, 0.4])
