"""Runs whose reason for being stuck is known, because they were put there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, NeverLearns, Wrapped, conventions_of

from nnkit.datasets import truth_table
from nnkit.diagnosis import get_parameters, set_parameters
from nnkit.diagnosis.attempts import Attempt, attempt, chance_level
from nnkit.diagnosis.hidden_units import dead_units, saturated_units, straight_units
from nnkit.diagnosis.saddle import hand_made_saddle
from nnkit.diagnosis.stuck import Explanation, explain
from nnkit.gradients import Parameters, gradient_of, stationary_point
from nnkit.subjects.shared import build

SIZES = (2, 2, 1)
X, Y = truth_table("xor")


def explained(network: Any, run: Attempt, rate: float) -> Explanation:
    conventions = conventions_of(network)
    with np.errstate(all="ignore"):
        return explain(run, X, Y, conventions, rate=rate, target=chance_level(conventions.loss) / 4)


def train(network: Any, rate: float, steps: int = 3000) -> Explanation:
    target = chance_level(network.loss_function) / 4
    return explained(network, attempt(network, X, Y, rate=rate, target_loss=target, steps=steps), rate)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_hand_made_saddle_is_one(name: str) -> None:
    network = VARIANTS[name](SIZES, 0)
    set_parameters(network, hand_made_saddle(conventions_of(network)))
    point = stationary_point(gradient_of(network, X, Y), Parameters(network).read())
    assert point.kind == "saddle"
    assert point.gradient_norm < 100 * np.finfo(network.parameters()[0].dtype).eps


def test_a_run_on_a_saddle_escapes_and_learns() -> None:
    network = build(SIZES, 0, hidden="tanh", optimiser="gradient_descent")
    start = get_parameters(network)
    saddle = hand_made_saddle(conventions_of(network))
    set_parameters(network, saddle)
    loss = network.loss(X, Y)
    found = explained(network, Attempt(0, network, "stands still", [0], [loss], start), rate=0.5)
    assert found.kind == "saddle"
    assert found.escape is not None
    assert found.escape.after < found.escape.before - 0.01
    assert found.escape.trained < found.escape.after
    for now, before in zip(get_parameters(network), saddle, strict=True):
        np.testing.assert_array_equal(now, before)


def test_dead_units_are_named() -> None:
    network = build(SIZES, 0)
    W1, b1, W2, b2 = get_parameters(network)
    set_parameters(network, [-np.abs(W1), b1 * 0, W2, b2])
    found = train(network, 0.1)
    assert found.kind == "plateau"
    assert found.dead == [(1, 1), (1, 2)]
    assert "dead" in found.words


def test_a_valley_falls_towards_infinity() -> None:
    """Seed 104 of tanh with plain descent learns two cases and halves the other two (loss ln 2 / 2)."""
    kinds = []
    for seed in range(100, 112):
        network = build(SIZES, seed, hidden="tanh", optimiser="gradient_descent")
        found = train(network, 0.37)
        if found.loss > np.log(2) / 4:
            kinds.append(found.kind)
            assert found.ahead is not None
            assert found.ahead.size[-1] > found.ahead.size[0]
            assert found.loss == pytest.approx(np.log(2) / 2, rel=0.02)
    assert kinds
    assert set(kinds) == {"valley"}


def test_a_run_with_too_few_steps_is_unfinished() -> None:
    network = build(SIZES, 102, hidden="tanh", optimiser="gradient_descent")
    assert train(network, 0.05, steps=50).kind == "unfinished"


def test_a_run_with_too_high_a_rate_oscillates() -> None:
    network = build((2, 2, 1), 0, hidden="tanh", output="identity", loss="mse", optimiser="gradient_descent")
    run = Attempt(0, network, "stands still", [0], [network.loss(X, Y)], get_parameters(network))
    found = explained(network, run, rate=0.9)
    assert found.kind == "oscillating", found.words


def test_steps_that_do_nothing_explain_nothing() -> None:
    network = NeverLearns(build(SIZES, 3, hidden="tanh"))
    found = train(network, 0.3)
    assert not found.explained
    assert "do not go down its own gradient" in found.words


class _NoGradientForW1(Wrapped):
    def gradients(self, x: Any, y: Any) -> list[Any]:
        gradients = super().gradients(x, y)
        gradients[0] *= 0
        return gradients


class _Clipped(Wrapped):
    def loss(self, x: Any, y: Any) -> float:
        p = np.clip(self.network.forward(x), 1e-7, 1 - 1e-7)
        return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def test_a_clipped_loss_of_a_sure_and_wrong_answer_is_no_wrong_gradient() -> None:
    network = _Clipped(build(SIZES, 3, hidden="tanh", optimiser="gradient_descent"))
    W1, b1, W2, b2 = get_parameters(network)
    set_parameters(network, [W1, b1, 30 * W2, b2])
    outputs = network.forward(X)
    assert np.abs(outputs - Y).max() > 1 - 1e-7
    run = Attempt(0, network, "stands still", [0], [network.loss(X, Y)], get_parameters(network))
    assert not explained(network, run, rate=0.1).wrong_parameter


def test_a_wrong_gradient_is_named_by_its_parameter() -> None:
    network = _NoGradientForW1(build(SIZES, 3, hidden="tanh"))
    run = Attempt(3, network, "stands still", [0], [network.loss(X, Y)], get_parameters(network))
    found = explained(network, run, rate=0.3)
    assert not found.explained
    assert found.wrong_parameter == "W1"


def test_units_are_told_apart() -> None:
    conventions = conventions_of(build(SIZES, 0))
    parameters = [np.array([[-1.0, 1.0], [-1.0, 1.0]]), np.array([0.0, 1.0]), np.ones((2, 1)), np.zeros(1)]
    assert dead_units(parameters, conventions, X) == [(1, 1)]
    assert straight_units(parameters, conventions, X) == [(1, 2)]
    sigmoid = conventions_of(build(SIZES, 0, hidden="sigmoid"))
    parameters[1] = np.array([0.0, 10.0])
    assert saturated_units(parameters, sigmoid, X) == [(1, 2)]
    assert dead_units(parameters, sigmoid, X) == []


#: where plain descent zigzags across the bend of a leaky unit, and gets on along it by 1e-7 a step
ON_A_BEND = (
    [[-0.76090454, -2.23005294], [0.68280553, 2.21995291]], [-0.00162049621, -0.00276681661],
    [[0.392609375], [2.30263303]], [-0.660378715],
)  # fmt: skip


def on_a_bend(kind: Any, rule: str) -> Explanation:
    network = build(SIZES, 0, hidden="leaky_relu", optimiser=rule)
    start = get_parameters(network)
    set_parameters(network, [np.array(part).reshape(p.shape) for part, p in zip(ON_A_BEND, start, strict=True)])
    network = kind(network)
    return explained(network, Attempt(1, network, "stands still", [0], [network.loss(X, Y)], start), rate=0.12)


class _Uphill(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        super().train_step(x, y, -learning_rate)


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adam"])
def test_steps_across_a_bend_are_told_from_steps_that_do_not_go_down(rule: str) -> None:
    assert on_a_bend(Wrapped, rule).explained
    assert not on_a_bend(_Uphill, rule).explained


class _LastLayerOnly(Wrapped):
    """Its gradient is right, but its steps leave the hidden layer alone."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in list(zip(self.network.parameters(), self.gradients(x, y), strict=True))[-2:]:
            p[...] -= learning_rate * g


def test_a_hidden_layer_that_never_moves_explains_nothing() -> None:
    found = train(_LastLayerOnly(build(SIZES, 3, hidden="tanh")), 0.3)
    assert found.kind == "unexplained" and "do not go down its own gradient" in found.words
