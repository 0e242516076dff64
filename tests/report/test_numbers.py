from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnkit.report.numbers import apart, count, duration, margin, number, power_of_ten, with_unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.6931471805599453, "0.693"),
        (12345, "12,345"),
        (12345.6, "12,346"),
        (1e-10, "1e-10"),
        (3.2345e-10, "3.23e-10"),
        (0.00012, "1.2e-4"),
        (0.99998, "0.99998"),
        (999.96, "1,000"),
        (1234567.0, "1.23e6"),
        (10**20, "1e20"),
        (math.nan, "not a number"),
        (-math.inf, "-infinity"),
        (True, "yes"),
    ],
)
def test_numbers_as_people_read_them(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, max_value=1.79e308, min_value=-1.79e308))
def test_a_number_reads_back_within_its_three_digits(value: float) -> None:
    text = number(value).replace(",", "")
    assert float(text) == pytest.approx(value, rel=6e-3, abs=0)
    assert len(text) <= 12


@given(st.floats(1e-300, 1e300), st.floats(1e-8, 1e-2))
def test_different_numbers_do_not_read_alike(value: float, difference: float) -> None:
    first, second = apart(value, value * (1 + difference))
    assert first != second


@pytest.mark.parametrize(
    ("measured", "limit", "relation", "text"),
    [
        (3e-10, 1e-7, "<=", "333 times below"),
        (0.3, 1e-7, "<=", "3e6 times over"),
        (0.983, 0.98, ">=", "0.003 above"),
        (0.75, 1.0, ">=", "0.25 short"),
        (1.0, 1.0, ">=", "as required"),
        (0.0, 1e-6, "<=", "1e-6 below"),
        (math.nan, 1.0, "<=", "none: not finite"),
        (math.inf, 1.0, "<=", "none: not finite"),
    ],
)
def test_margins(measured: float, limit: float, relation: str, text: str) -> None:
    assert margin(measured, limit, relation) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0001, "under 1 ms"), (0.034, "34 ms"), (0.0997, "0.1 s"), (3.14, "3.1 s"), (42.0, "42 s"), (125.0, "2 min 5 s"),
     (59.9, "1 min"), (-1.0, "unknown"), (math.nan, "unknown")],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts_and_powers() -> None:
    assert (count(1, "check"), count(2, "check"), count(2, "entry", "entries")) == ("1 check", "2 checks", "2 entries")
    assert (power_of_ten(-1), power_of_ten(2), power_of_ten(-10)) == ("0.1", "100", "10\u207b\u00b9\u2070")


def test_one_of_a_kind_is_singular() -> None:
    assert with_unit("1", "faults") == "1 fault"
    assert with_unit("2", "faults") == "2 faults"
    assert with_unit("1", "of 4 cases") == "1 of 4 cases"
    assert with_unit("1", "") == "1"
