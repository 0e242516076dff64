"""Networks too large to visit every entry: samples, directions, and the way down to the entry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dense_network import Dense, Faulty, data
from hypothesis import given
from hypothesis import strategies as st

from nnkit.gradients import check_gradients
from nnkit.gradients.directions import sample_entries

SIZES = (60, 40, 30, 10)


def batch(seed: int = 0) -> tuple[Any, Any]:
    # pixels: mostly zeros, and one image all black
    x, y = data(SIZES, 10, "ce", seed, zero_rows=True)
    return np.abs(x) * (np.random.default_rng(seed).random(x.shape) < 0.4), y


def entry(k: int, index: tuple[int, ...], by: float) -> Any:
    def change(gradients: list[Any], _: Any) -> None:
        gradients[k][index] *= by

    return change


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 99))
def test_the_sample_visits_every_row_and_column(rows: int, columns: int, seed: int) -> None:
    sample = sample_entries((rows, columns), np.random.default_rng(seed))
    assert np.all(np.diff(sample) > 0)
    row, column = np.unravel_index(sample, (rows, columns))
    assert set(row) == set(range(rows))
    assert set(column) == set(range(columns))
    assert sample.size <= max(rows, columns)


def test_the_sample_of_a_huge_parameter_is_limited() -> None:
    rng = np.random.default_rng(0)
    for shape in ((5000, 3), (3, 5000), (5000,), (1200, 1200)):
        sample = sample_entries(shape, rng)
        assert sample.size == 1000
        assert np.unique(sample).size == 1000
        assert sample.max() < np.prod(shape)
    np.testing.assert_array_equal(sample_entries((5,), rng), np.arange(5))
    np.testing.assert_array_equal(sample_entries((), rng), [0])


@pytest.mark.parametrize(
    ("hidden", "zero_biases", "dtype"),
    [
        ("sigmoid", False, np.float64),
        ("tanh", True, np.float32),
        ("relu", False, np.float64),
        ("relu", True, np.float32),
        ("relu one", True, np.float64),
        ("leaky", True, np.float64),
    ],
)
def test_no_false_alarm(hidden: str, zero_biases: bool, dtype: Any) -> None:
    for seed in range(2):
        network = Dense(SIZES, hidden, "ce", seed, zero_biases, dtype)
        check = check_gradients(network, *batch(seed), exhaustive_up_to=1000)
        assert check.passed, str(check)
        for parameter in check.points[0].parameters:
            assert parameter.entries is not None
            assert parameter.analytic.shape == parameter.entries.shape
            assert parameter.directions is not None


def test_a_sample_costs_less_than_everything() -> None:
    network = Dense(SIZES, "tanh", "ce")
    sampled = check_gradients(network, *batch(), exhaustive_up_to=1000, points=("start",))
    assert sampled.cost.loss_evaluations < 0.25 * 2 * sum(p.size for p in network.parameters())


@pytest.mark.parametrize("hidden", ["sigmoid", "relu"])
@pytest.mark.parametrize("k", range(6))
def test_one_wrong_entry_is_found_and_named(hidden: str, k: int) -> None:
    network, (x, y) = Dense(SIZES, hidden, "ce", 1), batch(1)
    gradient = network.gradients(x, y)[k]
    # neither the largest entry nor one of the smallest
    rank = int(np.argsort(-np.abs(gradient).ravel())[gradient.size // 10])
    index = tuple(int(i) for i in np.unravel_index(rank, gradient.shape))
    for by in (0.0, 1.01):
        check = check_gradients(Faulty(network, entry(k, index, by)), x, y, exhaustive_up_to=1000)
        assert {p.name for p in check.wrong} == {f"parameter {k}"}, str(check)
        assert {i for p in check.wrong for i in p.wrong_entries} == {index}
        word = str(index[0]) if len(index) == 1 else str(index)
        assert f"at least entry {word}" in str(check)


def test_most_wrong_entries_are_found_through_directions_not_by_luck() -> None:
    network, (x, y) = Dense(SIZES, "tanh", "ce", 1), batch(1)
    gradient = network.gradients(x, y)[0]
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(gradient))), gradient.shape))
    followed = 0
    for seed in range(10):
        faulty = Faulty(network, entry(0, index, 1.01))
        check = check_gradients(faulty, x, y, exhaustive_up_to=1000, seed=seed, points=("start",))
        (wrong,) = check.wrong
        assert wrong.wrong_entries == [index]
        assert wrong.directions is not None
        followed += wrong.directions.disagreed > 0
    assert followed >= 8


def test_a_wrong_row_and_a_wrong_bias_are_found() -> None:
    network, (x, y) = Dense(SIZES, "tanh", "ce", 1), batch(1)

    def row(gradients: list[Any], _: Any) -> None:
        gradients[2][7] *= 1.001

    def bias(gradients: list[Any], _: Any) -> None:
        gradients[5][:] *= 1.001

    check = check_gradients(Faulty(network, row), x, y, exhaustive_up_to=1000)
    assert {p.name for p in check.wrong} == {"parameter 2"}
    assert all(index[0] == 7 for p in check.wrong for index in p.wrong_entries)
    assert max(p.wrong for p in check.wrong) >= 4
    check = check_gradients(Faulty(network, bias), x, y, exhaustive_up_to=1000)
    assert {p.name for p in check.wrong} == {"parameter 5"}
    assert "all 10 entries" in str(check)


@pytest.mark.parametrize("k", [0, 2, 4])
def test_faults_of_whole_parameters_are_found(k: int) -> None:
    network, (x, y) = Dense(SIZES, "leaky", "ce", 1, zero_biases=True), batch(1)

    def factor(gradients: list[Any], _: Any) -> None:
        gradients[k] *= 1.0001

    def decay(gradients: list[Any], parameters: list[Any]) -> None:
        gradients[k] += 1e-5 * parameters[k]

    for change in (factor, decay):
        check = check_gradients(Faulty(network, change), x, y, exhaustive_up_to=1000, points=("start", "trained"))
        assert {p.name for p in check.wrong} == {f"parameter {k}"}, str(check)
        assert not check.passed
