"""Ways out of being stuck, tried on runs whose reason for being stuck is known."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from subject_zoo import NeverLearns, conventions_of

from nnkit.datasets import truth_table
from nnkit.diagnosis import get_parameters, set_parameters
from nnkit.diagnosis.attempts import Attempt, attempt, chance_level
from nnkit.diagnosis.escapes import OPEN, PATIENCE, Try, ways_out
from nnkit.diagnosis.hidden_units import hidden_activations
from nnkit.diagnosis.saddle import hand_made_saddle
from nnkit.diagnosis.stuck import Explanation, with_ways_out
from nnkit.subjects.shared import build

X, Y = truth_table("xor")


def tried(network: Any, kind: str = "valley", **options: Any) -> list[Try]:
    goal = chance_level(network.loss_function) / 4
    arguments: dict[str, Any] = {"rate": 0.37, "start": get_parameters(network), "rng": np.random.default_rng(0)}
    with np.errstate(all="ignore"):
        return ways_out(network, X, Y, conventions_of(network), kind=kind, target_loss=goal, **(arguments | options))


def in_a_valley(loss: str, rate: float) -> Any:
    """Half of XOR is learned, and the other half never will be: the loss stands at half of what chance has."""
    network = build((2, 2, 1), 101, hidden="sigmoid", output="sigmoid", loss=loss)
    run = attempt(network, X, Y, rate=rate, target_loss=chance_level(loss) / 4)
    assert run.ending == "stands still"
    assert run.loss[-1] == pytest.approx(chance_level(loss) / 2, rel=0.02)
    return network


@pytest.mark.parametrize(("loss", "rate"), [("binary_cross_entropy", 0.37), ("mse", 1.1)])
def test_a_valley_is_left_by_opening_a_unit_again(loss: str, rate: float) -> None:
    network = in_a_valley(loss, rate)
    assert not attempt(copy.deepcopy(network), X, Y, rate=rate, target_loss=chance_level(loss) / 4).learned
    # Every curvature is positive: nothing to step along.
    assert tried(copy.deepcopy(network), rate=rate, among=("negative curvature",)) == []
    tries = tried(network, rate=rate)
    assert tries[-1].way == "re-opened unit"
    assert tries[-1].learned
    assert tries[-1].after <= chance_level(loss) / 4 < tries[-1].before
    assert np.abs(network.forward(X) - Y).max() < 0.5
    assert not any(each.learned for each in tries[:-1])


def test_dead_units_are_drawn_anew() -> None:
    network = build((2, 2, 1), 0)
    W1, b1, W2, b2 = get_parameters(network)
    set_parameters(network, [-np.abs(W1), b1 - 1, W2, b2])
    tries = tried(network, "plateau", rate=0.12, among=("unit drawn anew",))
    assert tries[-1].learned
    assert {each.unit for each in tries} == {(1, 1), (1, 2)}
    assert str(tries[0]) == "unit 1 drawn anew"


def test_a_saddle_is_left_along_its_negative_curvature() -> None:
    network = build((2, 2, 1), 0, hidden="tanh", optimiser="gradient_descent")
    set_parameters(network, hand_made_saddle(conventions_of(network)))
    tries = tried(network, "saddle", rate=0.5)
    assert tries[0].way == "negative curvature"
    assert tries[0].after < tries[0].changed < tries[0].before
    # It leads into a valley, from which another way leads out.
    assert tries[0].after == pytest.approx(np.log(2) / 2, rel=0.02)
    assert [each.way for each in tries[1:]] == ["re-opened unit"]
    assert tries[1].before == tries[0].after
    assert tries[1].learned


@pytest.mark.parametrize(("kind", "way"), [("unfinished", "more steps"), ("oscillating", "lower rate")])
def test_what_is_not_stuck_goes_on_unchanged(kind: str, way: str) -> None:
    network = build((2, 2, 1), 102, hidden="tanh", optimiser="gradient_descent")
    first = tried(network, kind)[0]
    assert first.way == way
    assert first.changed == first.before


@pytest.mark.parametrize(
    ("sizes", "unit", "dtype"), [((2, 2, 1), (1, 2), "float32"), ((2, 3, 2, 1), (2, 1), "float64")]
)
def test_an_opened_unit_bends_and_says_nothing_and_the_others_stay(
    sizes: tuple[int, ...], unit: tuple[int, int], dtype: str
) -> None:
    """With training that does nothing, the network is left as the first try changed it: the most closed unit's."""
    network = build(sizes, 0, dtype, hidden="tanh")
    layer, k = unit
    network.parameters()[2 * layer - 1][k - 1] = 30
    before = get_parameters(network)
    network.parameters()[2 * layer - 2][:, k - 1] *= 100
    tries = tried(NeverLearns(network), among=("re-opened unit",), steps=PATIENCE)
    assert [(each.unit, each.steps) for each in tries] == [(unit, PATIENCE)]
    after = get_parameters(network)
    z = hidden_activations(after, conventions_of(network), X)[layer - 1][0][:, k - 1]
    assert np.abs(z).max() == pytest.approx(OPEN, rel=1e-4)
    assert z.mean() == pytest.approx(0, abs=1e-6)
    assert not after[2 * layer][k - 1].any()
    for index, (now, was) in enumerate(zip(after, before, strict=True)):
        changed = np.argwhere(now != was)
        at = {2 * layer - 2: 1, 2 * layer - 1: 0, 2 * layer: 0}.get(index)
        assert changed.size == 0 if at is None else set(changed[:, at]) <= {k - 1}
    assert after[0].dtype == dtype


def test_no_more_steps_than_allowed_and_the_same_again_with_the_same_generator() -> None:
    network = NeverLearns(build((2, 2, 1), 0))
    before = get_parameters(network)
    tries = tried(network, steps=250)
    set_parameters(network, before)
    assert tried(network, steps=250) == tries
    assert sum(each.steps for each in tries) <= 250
    assert not any(each.learned for each in tries)


def test_a_network_without_hidden_units_has_no_unit_to_open() -> None:
    assert tried(build((2, 1), 0), among=("re-opened unit", "unit drawn anew")) == []


def test_nothing_is_tried_after_training_that_is_not_finite() -> None:
    network = build((2, 2, 1), 0, hidden="tanh", output="identity", loss="mse", optimiser="gradient_descent")
    tries = tried(network, rate=1e6)
    assert not np.isfinite(tries[-1].after)
    assert not tries[-1].learned
    assert len(tries) == 1


def test_an_explanation_with_ways_out_leaves_the_network_as_it_was() -> None:
    network = in_a_valley("mse", 1.1)
    before = get_parameters(network)
    run = Attempt(101, network, "stands still", start=before)
    arguments: dict[str, Any] = {
        "x": X,
        "y": Y,
        "conventions": conventions_of(network),
        "rate": 1.1,
        "target_loss": 1 / 16,
    }
    found = with_ways_out(Explanation(101, "valley", "", 0.125, 1e-4), run, **arguments)
    assert found.freed
    for now, was in zip(get_parameters(network), before, strict=True):
        np.testing.assert_array_equal(now, was)
    # What does not go down its own gradient is not held by the loss surface.
    unexplained = with_ways_out(Explanation(101, "unexplained", "", 0.125, 1e-4), run, **arguments)
    assert not unexplained.tries
    assert not unexplained.freed
