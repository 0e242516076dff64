"""Plain descent by one gradient or the other, and how the two are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Wrapped, build

from nnkit.datasets import truth_table
from nnkit.diagnosis import set_parameters
from nnkit.diagnosis.descent import Beside, Descent, descend_beside

SIZES = (2, 3, 1)
X, Y = truth_table("and")


def beside(of: Any, own: Any, *, rate: float = 0.1, steps: int = 5) -> Beside:
    """The analytic descent of network `own` beside the numerical one of network `of`."""
    numerical = Descent(of, "numerical")
    path = [numerical.theta]
    for _ in range(steps):
        numerical.train_step(X, Y, rate)
        path.append(numerical.theta)
    return descend_beside(own, path, X, Y, rate=rate)


@pytest.mark.parametrize("name", VARIANTS)
def test_right_gradients_follow_numerical_ones(name: str) -> None:
    networks = [VARIANTS[name](SIZES, 3) for _ in range(2)]
    for network in networks:
        set_parameters(network, [p if p.ndim > 1 else p + 0.2 for p in network.parameters()])
    found = beside(*networks)
    eps = np.finfo(networks[0].parameters()[0].dtype).eps
    assert found.distance.shape == (6,)
    assert found.distance[0] == 0
    assert found.first_beyond(100 * eps ** (2 / 3)) is None
    assert found.kinks == 0


def test_nothing_adds_up_at_the_edge_of_stability() -> None:
    """At this rate each step of an honest descent stretches the differences before it about twofold."""

    def network() -> Any:
        made = build(SIZES, 2, hidden="tanh", output="sigmoid", loss="mse")
        set_parameters(made, [p + 0.2 for p in made.parameters()])
        return made

    found = beside(network(), network(), rate=10.0, steps=20)
    assert found.first_beyond(1e-8) is None


def test_steps_from_a_kink_are_left_out() -> None:
    """Biases of zero: for the input (0, 0) each ReLU sits on its kink, and the two slopes there may differ."""
    found = beside(build(SIZES, 0), build(SIZES, 0))
    assert found.kinks > 0
    assert found.first_beyond(1e-8) is None


class OnePartInAThousand(Wrapped):
    def gradients(self, x: Any, y: Any) -> list[Any]:
        return [1.001 * g for g in self.network.gradients(x, y)]


class NotANumber(Wrapped):
    def gradients(self, x: Any, y: Any) -> list[Any]:
        return [np.nan * g for g in self.network.gradients(x, y)]


def test_a_wrong_gradient_parts_at_the_first_step() -> None:
    found = beside(build(SIZES, 0), OnePartInAThousand(build(SIZES, 0)))
    assert found.first_beyond(1e-6) == 1
    assert found.kinks == 0


def test_not_a_number_is_infinitely_far_away() -> None:
    found = beside(build(SIZES, 0), NotANumber(build(SIZES, 0)))
    np.testing.assert_array_equal(found.distance[1:], np.inf)
    assert found.first_beyond(1.0) == 1
