from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nnkit.diagnosis import Conventions, get_parameters
from nnkit.diagnosis.formulas import UNREAD, NotRead
from nnkit.diagnosis.hidden_units import hidden_activations
from nnkit.diagnosis.layer_health import BINS, common_edges, first_loss, histogram, layer_health
from nnkit.subjects import shared

USUAL = Conventions("relu", "softmax", "cross_entropy", "float64")


def test_a_histogram_counts_every_finite_number_once():
    values = np.array([[0.0, 1.0, 1.0], [math.nan, math.inf, 4.0]])
    found = histogram(values)
    assert found.counts.sum() == 4
    assert found.not_finite == 2
    assert (found.edges[0], found.edges[-1], len(found.edges)) == (0.0, 4.0, BINS + 1)


@pytest.mark.parametrize("values", [[], [math.nan], [0.0, 0.0], [3.0], [1e12, 1e12], [-1e-30]])
def test_what_has_no_spread_has_a_histogram_too(values):
    found = histogram(np.array(values))
    assert np.all(np.diff(found.edges) > 0)
    assert found.counts.sum() == np.isfinite(values).sum()


def test_small_numbers_are_not_taken_for_none():
    """The gradient of a network that has learned, or of one in which it vanishes."""
    assert np.count_nonzero(histogram(np.linspace(0, 1e-12, 100)).counts) == BINS


def test_edges_of_several_arrays_hold_them_all():
    edges = common_edges([np.array([-1.0, 2.0]), np.array([[0.5, 3.0]])])
    assert (edges[0], edges[-1]) == (-1.0, 3.0)
    around = common_edges([np.array([-1.0, 2.0]), np.array([3.0])], around_zero=True)
    assert (around[0], around[-1]) == (-3.0, 3.0)


def test_every_layer_is_there_with_what_is_known():
    network, rng = shared.build((4, 5, 3), 0, optimiser="gradient_descent"), np.random.default_rng(0)
    x, y = rng.normal(size=(7, 4)), np.eye(3)[rng.integers(0, 3, 7)]
    before, gradients = get_parameters(network), [np.array(g) for g in network.gradients(x, y)]
    inner = hidden_activations(before, USUAL, x)
    network.train_step(x, y, 0.1)
    first, last = layer_health(get_parameters(network), gradients=gradients, inner=inner, before=before)
    assert (first.layer, last.layer) == (1, 2)
    assert first.weights.counts.sum() == 20
    assert first.gradient.counts.sum() == 20
    assert first.weighted_inputs.counts.sum() == first.activations.counts.sum() == 35
    assert last.activations is None
    assert first.update_ratio == pytest.approx(0.1 * np.linalg.norm(gradients[0]) / np.linalg.norm(before[0]))
    moved = np.linalg.norm(get_parameters(network)[2])
    assert last.gradient_ratio == pytest.approx(np.linalg.norm(gradients[2]) / moved)


def test_weights_alone_are_enough():
    (only,) = layer_health([np.zeros((2, 1)), np.zeros(1)])
    assert only.gradient is None
    assert math.isnan(only.update_ratio)
    assert math.isnan(only.gradient_ratio)


@pytest.mark.parametrize("k", [3, 10])
def test_a_guess_costs_the_logarithm_of_the_number_of_classes(k):
    found = first_loss(math.log(k), USUAL, k)
    assert found.guess == math.log(k)
    assert found.moderate
    assert not first_loss(3 * found.careless, USUAL, k).moderate


@pytest.mark.parametrize(("output", "loss"), [("sigmoid", "mse"), ("sigmoid", "binary_cross_entropy")])
def test_careless_is_dearer_than_a_guess(output, loss):
    found = first_loss(0.0, replace(USUAL, output=output, loss=loss))
    assert found.guess < found.careless < math.inf


def test_a_start_that_is_too_wide_shows():
    rng = np.random.default_rng(0)
    x, y = rng.random((50, 64)), np.eye(10)[rng.integers(0, 10, 50)]
    losses = [shared.build((64, 30, 10), 0, initialiser=name).loss(x, y) for name in ("he", "normal")]
    assert [first_loss(loss, USUAL).moderate for loss in losses] == [True, False]


def test_a_loss_without_a_formula_has_no_landmarks():
    with pytest.raises(NotRead):
        first_loss(1.0, replace(USUAL, loss=UNREAD))
