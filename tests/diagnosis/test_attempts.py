"""What counts as learned, and at which rates and from which starts it is tried."""

from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import truth_table
from nnkit.diagnosis.attempts import (
    MARGIN,
    at_lower_rates,
    decides,
    from_every_start,
    right_answers,
    up_to_a_failure,
)

_, AND = truth_table("and")


def test_outputs_decide_on_their_side_of_one_half_with_a_margin() -> None:
    p = np.where(AND > 0.5, 0.5 + 1.01 * MARGIN, 0.5 - 1.01 * MARGIN)
    assert decides(p, AND)
    assert not decides(1 - p, AND)
    p[2] = 0.5 - 0.99 * MARGIN
    assert not decides(p, AND)


@pytest.mark.parametrize("case", range(4))
def test_not_a_number_decides_nothing_and_is_no_answer(case: int) -> None:
    p = AND.copy()
    p[case] = np.nan
    assert decides(AND, AND)
    assert not decides(p, AND)
    assert right_answers(AND, AND) == 4
    assert right_answers(p, AND) == 3


def test_right_answers_need_no_margin() -> None:
    assert right_answers(np.array([[0.49], [0.51], [0.0], [0.6]]), AND) == 3


@pytest.mark.parametrize(("works_below", "tried"), [(1.0, [0.9]), (0.5, [0.9, 0.3]), (0.2, [0.9, 0.3, 0.1])])
def test_lower_rates_are_tried_until_one_works(works_below: float, tried: list[float]) -> None:
    results = at_lower_rates(0.9, lambda rate: rate, lambda rate: rate < works_below)
    np.testing.assert_allclose(results, tried)


def test_a_ninth_is_the_last_that_is_tried() -> None:
    assert len(at_lower_rates(0.9, lambda rate: rate, lambda _: False)) == 3


def test_the_first_failure_is_the_last_start() -> None:
    assert up_to_a_failure(range(5), lambda start: start * 10, lambda result: result != 20) == [0, 10, 20]
    assert up_to_a_failure(range(3), lambda start: start, lambda _: True) == [0, 1, 2]


def test_where_a_start_fails_its_own_search_finds_a_rate_for_all() -> None:
    """Each start works at its own rates only: below 2, below 0.1 and below 0.001."""
    works = (2.0, 0.1, 0.001)
    results = from_every_start(
        lambda start: works[start] / 2,
        lambda: range(3),
        lambda rate, start: (rate, start),
        lambda r: r[0] < works[r[1]],
    )
    assert [start for _, start in results] == [0, 1, 2]
    assert {rate for rate, _ in results} == {works[2] / 2}


@pytest.mark.parametrize("found", [1.0, float("nan")])
def test_where_no_lower_rate_is_found_the_first_failure_is_the_last_result(found: float) -> None:
    results = from_every_start(
        lambda start: found if start else 1.0, lambda: range(3), lambda _, start: start, lambda s: s != 1
    )
    assert results == [0, 1]
