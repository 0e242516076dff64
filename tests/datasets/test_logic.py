from __future__ import annotations

import numpy as np
import pytest

from nnkit.datasets import sign_function, truth_table


@pytest.mark.parametrize(
    ("gate", "rule"),
    [("and", np.logical_and), ("or", np.logical_or), ("xor", np.logical_xor)],
)
def test_a_truth_table_is_the_gate_in_the_order_00_01_10_11(gate, rule):
    x, y = truth_table(gate)
    assert x.dtype == y.dtype == np.float64
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    np.testing.assert_array_equal(y, rule(x[:, :1], x[:, 1:]).astype(float))


def test_writing_into_a_truth_table_leaves_the_next_one_alone():
    x, y = truth_table("and")
    x[:], y[:] = 7, 7
    assert truth_table("and")[0].max() == truth_table("and")[1].max() == 1


def test_an_unknown_gate_is_named():
    with pytest.raises(ValueError, match=r"and, or, xor; got 'nand'"):
        truth_table("nand")


def test_the_sign_function_labels_what_is_positive():
    x, y = sign_function(1000, np.random.default_rng(0))
    assert x.shape == y.shape == (1000, 1)
    assert x.dtype == y.dtype == np.float64
    np.testing.assert_array_equal(y, (x > 0).astype(float))
    assert np.abs(x).max() <= 1
    # Uniform: mean 0 and variance 1/3; over 1,000 draws their standard errors are 0.018 and 0.0094. Five of each.
    assert abs(x.mean()) < 0.09
    assert abs(x.var() - 1 / 3) < 0.047


def test_the_sign_function_never_asks_about_zero():
    class ExtremeDraws:
        """A generator whose uniform draws are the ends of its range, [0, 1)."""

        def random(self, shape):
            return np.resize([0.0, 1 - 2**-53], shape)

        def integers(self, low, high, size):
            return np.resize([0, 0, 1, 1], size)

    x, y = sign_function(4, ExtremeDraws())
    assert x[:, 0].tolist() == [-1.0, -(2.0**-53), 1.0, 2.0**-53]
    assert y[:, 0].tolist() == [0, 0, 1, 1]


def test_the_sign_function_depends_on_the_generator_alone():
    first, again, other = (sign_function(5, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_sign_function_of_no_cases_is_refused():
    with pytest.raises(ValueError, match="at least 1; got 0"):
        sign_function(0, np.random.default_rng(0))
