from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from nnkit.diagnosis.experiments import find_odd_starts

SHAPES = ((2, 8, 1), (64, 30, 10))


def start(change):
    """Networks whose first weights are what `change` makes of usual ones, W (d_in, d_out) of a layer (from 1)."""

    def build(sizes, seed):
        rng, arrays = np.random.default_rng(seed), []
        for layer, (m, n) in enumerate(pairwise(sizes), 1):
            arrays += [np.array(change(rng.normal(0, m**-0.5, (m, n)), layer)), np.zeros(n)]
        return SimpleNamespace(parameters=lambda: arrays)

    return build


@pytest.mark.parametrize(
    ("change", "cause", "layer"),
    [
        (lambda W, layer: 0 * W, "initialised-to-zero", 1),
        (lambda W, layer: np.broadcast_to(W[:, :1], W.shape), "initialised-symmetric", 1),
        (lambda W, layer: np.full_like(W, 0.1) if layer == 2 else W, "initialised-symmetric", 2),
        (lambda W, layer: abs(W), "initialised-positive-only", 1),
        (lambda W, layer: 0.01 * W, "initialised-too-small", 1),
        (lambda W, layer: np.sqrt(len(W)) * W, "initialised-too-large", 1),
    ],
)
def test_what_is_odd_is_found_and_taken_away(change, cause, layer):
    build = start(change)
    found = list(find_odd_starts(build, SHAPES))
    assert (found[0].oddity.cause, found[0].layer, found[0].layers) == (cause, layer, 2)

    def mended(sizes, seed):
        network = build(sizes, seed)
        found[0].oddity.take_away(network, seed)
        return network

    assert cause not in {one.oddity.cause for one in find_odd_starts(mended, SHAPES)}


@pytest.mark.parametrize("factor", [1 / 3, 1, 3])
def test_usual_starts_are_not_odd(factor):
    assert list(find_odd_starts(start(lambda W, layer: factor * W), SHAPES)) == []
