from __future__ import annotations

import numpy as np
import pytest
from subject_zoo import conventions_of

from nnkit.diagnosis import get_parameters
from nnkit.diagnosis.start import MODERATE, layers_alike, moderate_start, was_changed
from nnkit.subjects.shared import build

SIZES = (200, 20, 5)


@pytest.fixture
def x():
    return np.random.default_rng(0).random((8, 200))


def started(x, **options):
    network = build(SIZES, 3, **options)
    before = get_parameters(network)
    return network, before, moderate_start(network, conventions_of(network), x)


def test_a_moderate_start_is_left_as_it_is(x):
    network, before, sizes = started(x)
    assert max(sizes) <= MODERATE
    assert not was_changed(sizes)
    assert all(np.array_equal(a, b) for a, b in zip(before, get_parameters(network), strict=True))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh"])
def test_a_wide_start_is_narrowed_to_weighted_inputs_of_size_one(x, hidden, dtype):
    network, before, sizes = started(x, hidden=hidden, initialiser="normal", dtype=dtype)
    W, b, V, _ = get_parameters(network)
    assert sizes[0] == pytest.approx(np.sqrt(np.mean((x @ before[0]) ** 2)), rel=1e-5)
    assert sizes[0] > MODERATE
    assert was_changed(sizes)
    assert np.mean((x @ W + b) ** 2) == pytest.approx(1, rel=1e-4)
    assert W.dtype == dtype
    # nothing but the scale of whole layers has changed
    np.testing.assert_allclose(W * sizes[0], before[0], rtol=1e-5)
    narrowed = sizes[1] if sizes[1] > MODERATE else 1.0
    np.testing.assert_allclose(V * narrowed, before[2], rtol=1e-5)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_layer_that_is_not_finite_is_left_as_it_is_and_the_others_are_narrowed(x, broken):
    network = build(SIZES, 3, initialiser="normal")
    network.parameters()[2][0, 0] = broken
    before = get_parameters(network)
    sizes = moderate_start(network, conventions_of(network), x)
    W, _, V, _ = get_parameters(network)
    assert not np.isfinite(sizes[1])
    assert np.array_equal(V, before[2], equal_nan=True)
    np.testing.assert_allclose(W * sizes[0], before[0], rtol=1e-12)


def drawn(seed, *shapes):
    return [np.random.default_rng(seed).normal(0, shape[0] ** -0.5, shape) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_layers_that_are_drawn_from_the_same_seed_are_alike(dtype):
    W, V = (array.astype(dtype) for array in drawn(0, (3, 4), (4, 2)))
    assert layers_alike([W, V]) == (1, 2)
    assert layers_alike([W.T, V.T]) == (1, 2)
    assert layers_alike([W, drawn(1, (4, 4))[0], V]) == (1, 3)


def test_layers_of_their_own_numbers_are_not_alike_and_constants_neither():
    assert layers_alike([drawn(0, (3, 4))[0], drawn(1, (4, 2))[0]]) is None
    assert layers_alike([np.full((3, 4), 0.1), np.full((4, 2), 0.1)]) is None
