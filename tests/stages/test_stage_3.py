"""Stage 3: each check fails on its own fault, and passes on correct networks of other conventions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build, Wrapped, ask, breaking, build, check_names


@pytest.mark.parametrize("name", check_names(3))
@pytest.mark.parametrize("variant", VARIANTS)
def test_passes_on_correct_networks(variant: str, name: str) -> None:
    outcome = ask(3, name, VARIANTS[variant])
    assert outcome.holds, outcome.message


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", check_names(3))
def test_passes_whatever_the_seed(name: str, seed: int) -> None:
    outcome = ask(3, name, seed=seed)
    assert outcome.holds, outcome.message


class ForgetsTheLastSample(Wrapped):
    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x[:3], y[:3])


class ComputesInHalfPrecision(Wrapped):
    """The loss goes through float16 on the way: three digits."""

    def loss(self, x: Any, y: Any) -> Any:
        return float(np.float16(self.network.loss(x, y)))


class ComputesInSinglePrecision(Wrapped):
    def loss(self, x: Any, y: Any) -> Any:
        return float(np.float32(self.network.loss(x, y)))


class RollsDice(Wrapped):
    """A loss that is another one at every call, like one with dropout left on."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.rng = np.random.default_rng(0)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, y) * (1 + 1e-3 * self.rng.normal())


class HasCorner(Wrapped):
    """A loss with a kink at the point itself: |w1 - w1 of the first call| is added."""

    corner: float | None = None

    def loss(self, x: Any, y: Any) -> Any:
        w1 = float(self.network.parameters()[0][0, 0])
        if self.corner is None:
            self.corner = w1
        return self.network.loss(x, y) + 0.3 * max(w1 - self.corner, 0.0)


class SwapsLabels(Wrapped):
    """The loss is about NOT AND: a fine loss, of the wrong thing."""

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, 1 - np.asarray(y))


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("numerical-gradient-matches-the-closed-form", breaking(ForgetsTheLastSample)),
        ("numerical-gradient-matches-the-closed-form", breaking(SwapsLabels)),
        ("exact-at-its-best-step", breaking(ComputesInHalfPrecision)),
        ("exact-at-its-best-step", breaking(ComputesInSinglePrecision)),
        ("exact-at-its-best-step", breaking(RollsDice)),
        ("methods-agree", breaking(HasCorner)),
        ("methods-agree", breaking(ForgetsTheLastSample)),
        ("numerical-training-learns-and", breaking(SwapsLabels)),
    ],
)
def test_fails_on_its_own_fault(name: str, network: Build) -> None:
    assert not ask(3, name, network).holds


class LosesItsLoss(Wrapped):
    """The loss is not a number, from the start."""

    def loss(self, x: Any, y: Any) -> Any:
        return np.nan


class LosesItsLossOnTheWay(Wrapped):
    """The loss is a number only while the bias is above -1, which training soon leaves."""

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, y) if self.parameters()[1][0] > -1 else np.nan


@pytest.mark.parametrize("name", check_names(3))
def test_a_loss_that_is_not_a_number_fails_every_check(name: str) -> None:
    assert not ask(3, name, breaking(LosesItsLoss)).holds


def test_a_loss_that_is_not_a_number_is_named() -> None:
    message = ask(3, "numerical-training-learns-and", breaking(LosesItsLoss)).message
    assert "The loss is nan before the first step" in message
    message = ask(3, "numerical-gradient-matches-the-closed-form", breaking(LosesItsLoss)).message
    assert "numerically nan: is the loss a number?" in message


def test_a_loss_that_is_lost_on_the_way_fails_the_training() -> None:
    outcome = ask(3, "numerical-training-learns-and", breaking(LosesItsLossOnTheWay))
    assert not outcome.holds
    assert "to nan" in outcome.message


def test_a_quadratic_loss_has_no_rising_branch_and_is_no_fault() -> None:
    """With an identity output and squared errors a central difference of any step is right but for rounding."""
    outcome = ask(3, "exact-at-its-best-step", partial(build, output="identity", loss="mse"))
    assert outcome.holds
    (curve,) = outcome.evidence
    steps, errors = curve.lines[0].x, curve.lines[0].y
    assert errors[steps > 0.1].max() < 1e-13


class IgnoresParameters(Wrapped):
    """The loss never changes, so that there is nothing to go down: rate 0 in other words."""

    def loss(self, x: Any, y: Any) -> Any:
        return 0.7


def test_training_fails_where_nothing_is_learned() -> None:
    outcome = ask(3, "numerical-training-learns-and", breaking(IgnoresParameters))
    assert not outcome.holds
    assert "No learning rate lowers the loss" in outcome.message


def test_the_complex_step_is_used_where_the_network_allows_it() -> None:
    assert "4 methods" in ask(3, "methods-agree").message
    # Wrapped has no set_parameters, so complex numbers cannot be handed in
    assert "3 methods" in ask(3, "methods-agree", breaking(Wrapped)).message
