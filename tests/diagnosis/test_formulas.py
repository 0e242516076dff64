"""Each activation: the same in floats and in fifty digits, with the right slope, and found by its values."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from nnkit.diagnosis.formulas import formula, known_names, measured_name, slope_in_code
from nnkit.diagnosis.reading import GRID

NAMES = [*known_names(), "leaky_relu(0.2)", "elu(0.5)"]


@pytest.mark.parametrize("name", NAMES)
def test_floats_and_fifty_digits_agree(name: str) -> None:
    f = formula(name)
    exact = [float(f.exact(mpmath.mpf(float(z)))) for z in GRID]
    assert np.allclose(f.value(GRID), exact, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_is_the_slope(name: str) -> None:
    f, h = formula(name), 1e-6
    numeric = (f.value(GRID + h) - f.value(GRID - h)) / (2 * h)
    assert np.allclose(f.slope(GRID), numeric, rtol=1e-7, atol=1e-8)
    assert np.abs(f.slope(GRID)).max() <= f.steepest * (1 + 1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if slope_in_code(name)])
def test_the_slope_in_code_is_the_slope(name: str) -> None:
    f = formula(name)
    written = eval(slope_in_code(name), {"np": np, "z": GRID, "a": f.value(GRID)})
    assert np.allclose(written, f.slope(GRID), rtol=1e-4, atol=1e-12), "1.7159 has five digits"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_found_by_its_values(name: str) -> None:
    assert measured_name(GRID, formula(name).value(GRID), 1e-9) == name


def test_others_have_no_name() -> None:
    assert measured_name(GRID, GRID**5, 1e-9) is None
    assert measured_name(GRID, 0.9 * np.tanh(GRID), 1e-9) is None
    assert measured_name(GRID, np.full(len(GRID), np.nan), 1e-9) is None


def test_an_unknown_name() -> None:
    with pytest.raises(KeyError):
        formula("swoosh")
