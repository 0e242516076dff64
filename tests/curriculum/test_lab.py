"""The reference network that a lab gives to a stage."""

from __future__ import annotations

import numpy as np
import pytest

from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Blocked
from nnkit.diagnosis import Conventions
from nnkit.subjects.shared import build


def test_the_reference_has_the_conventions_and_the_seeds_of_the_run() -> None:
    conventions = Conventions("tanh", "sigmoid", "mse", "float64")
    network = Lab(build, stage=5, seed=2).reference(conventions, (2, 3, 1))(7)
    assert (network.hidden, network.output, network.loss_function) == ("tanh", "sigmoid", "mse")
    same = build((2, 3, 1), 2007, hidden="tanh", loss="mse", output="sigmoid")
    for ours, theirs in zip(network.parameters(), same.parameters(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_without_a_reference_it_is_blocked_with_the_reason() -> None:
    conventions = Conventions("tanh", "tanh", "binary_cross_entropy", "float64")
    with pytest.raises(Blocked, match=r"no reference network to compare with: .*binary_cross_entropy"):
        Lab(build, stage=5).reference(conventions, (2, 3, 1))
