from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nnkit.network import ACTIVATIONS, softmax

#: from deep in both tails, where e^z is not a float any more, through the smallest floats to the middle
POINTS = [0.0, 1e-300, 1e-20, 1e-8, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 17.0, 36.0, 100.0, 700.0, 1e3, 1e4, 1e8, 1e300]
Z = np.array([-z for z in reversed(POINTS)] + POINTS)

EXACT = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)) if z < 1000 else z,
    "identity": lambda z: z,
}
each = pytest.mark.parametrize("name", sorted(ACTIVATIONS))


def test_the_table_is_whole():
    assert set(EXACT) == set(ACTIVATIONS)
    assert all(activation.name == name for name, activation in ACTIVATIONS.items())


@each
def test_value_is_right_to_a_few_roundings_for_any_z(name):
    a = ACTIVATIONS[name].value(Z, None)
    with mpmath.workdps(60):
        exact = np.array([float(EXACT[name](mpmath.mpf(z))) for z in Z])
    # Relative to the value itself, in both tails; below 1e-300 floats lose their precision.
    np.testing.assert_allclose(a, exact, rtol=1e-15, atol=1e-300)


@each
def test_slope_is_the_derivative(name):
    activation = ACTIVATIONS[name]
    z = Z[np.abs(Z) > 1e-10] if "relu" in name else Z  # at 0 they have none
    step = 1e-200
    by_complex_step = activation.value(z + 1j * step, None).imag / step
    slope = activation.slope(z, activation.value(z, None), None)
    # 1 - a and 1 - a^2 keep an absolute accuracy of one rounding where a is near 1.
    np.testing.assert_allclose(slope, by_complex_step, rtol=1e-14, atol=2 * np.finfo(float).eps)


@each
def test_the_real_part_of_a_complex_argument_decides(name):
    z = Z[np.abs(Z) < 1e3]
    a = ACTIVATIONS[name].value(z + 1e-30j, None)
    # NumPy's complex log1p, which softplus needs, is right to one rounding of 1 only.
    np.testing.assert_allclose(a.real, ACTIVATIONS[name].value(z, None), rtol=1e-15, atol=np.finfo(float).eps)


@each
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_out_is_filled_and_z_left_alone(name, dtype):
    activation = ACTIVATIONS[name]
    z = np.linspace(-3, 3, 14).reshape(7, 2).astype(dtype)
    before, out, slope_out = z.copy(), np.full_like(z, np.nan), np.full_like(z, np.nan)
    a = activation.value(z, None)
    assert activation.value(z, out) is out
    slope = activation.slope(z, a, None)
    assert activation.slope(z, a, slope_out) is slope_out
    assert a.dtype == slope.dtype == z.dtype
    np.testing.assert_array_equal(out, a)
    np.testing.assert_array_equal(slope_out, slope)
    np.testing.assert_array_equal(z, before)
    assert not np.shares_memory(a, z)


@each
def test_float32_has_no_overflow(name):
    z = np.array([-3e38, -1e4, -100, 0, 100, 1e4, 3e38], dtype=np.float32)
    a = ACTIVATIONS[name].value(z, None)
    assert np.isfinite(a).all()
    with np.errstate(over="ignore"):  # tanh squares nothing larger than 1, but softplus' sigmoid sees 3e38
        assert np.isfinite(ACTIVATIONS[name].slope(z, a, None)).all()


logits = npst.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-1e4, 1e4, width=32)
)


@settings(derandomize=True)
@given(logits, st.floats(-1e4, 1e4))
def test_softmax_sums_to_one_and_ignores_shifts(z, shift):
    p = softmax(z)
    assert p.shape == z.shape
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-15)
    # z + shift is rounded to about 2e4 eps, and e^z turns that absolute error into a relative one.
    np.testing.assert_allclose(softmax(z + shift), p, rtol=2e4 * 4 * np.finfo(float).eps, atol=1e-300)


def test_softmax_against_fifty_digits():
    z = np.array([[0.3, -1.2, 4.0], [1e4, 0.0, -1e4], [-700.0, -701.0, -702.0]])
    with mpmath.workdps(50):
        for row, p in zip(z, softmax(z), strict=True):
            e = [mpmath.exp(mpmath.mpf(value)) for value in row]
            exact = [float(value / mpmath.fsum(e)) for value in e]
            np.testing.assert_allclose(p, exact, rtol=1e-15, atol=1e-300)


def test_softmax_gives_a_fresh_array_in_rows():
    for n in (1, 2, 7):
        z = np.arange(3.0 * n).reshape(n, 3)
        p = softmax(z)
        assert p.flags.c_contiguous and p.flags.owndata
        assert not np.shares_memory(p, z)
        assert softmax(z.astype("f4")).dtype == np.float32
    assert softmax(np.zeros((0, 3))).shape == (0, 3)
